import { createSigner } from '../support/jwt-signer.ts';
import type { Mesh, Send } from '../support/mesh.ts';

const stranger = createSigner('ES256');

/** A token for reading that is bound to the client's certificate. */
export const bound = (mesh: Mesh, claims = {}) =>
  mesh.mint({ scope: 'orders.read', cnf: { 'x5t#S256': mesh.who.client.thumbprint }, ...claims });

export interface Case {
  send(mesh: Mesh): Send;
  status: number;
  reason: string;
  /** What WWW-Authenticate must be; undefined: absent. */
  challenge?: RegExp;
  error?: string;
  boundBy?: string;
}

const unbound = { client_id: 'someone-else' };
/** One row a request: who sends what, and what must come of it. */
export const cases: Record<string, Case> = {
  'the right workload with its bound token': {
    send: (mesh) => ({ who: 'client', path: '/orders/1', token: bound(mesh, unbound) }),
    status: 200,
    reason: 'allowed',
    boundBy: 'certificate',
  },
  'the same where only the certificate may prove it': {
    send: (mesh) => ({ who: 'client', path: '/bound', token: bound(mesh) }),
    status: 200,
    reason: 'allowed',
    boundBy: 'certificate',
  },
  'another workload with the stolen token': {
    send: (mesh) => ({ who: 'thief', path: '/orders/1', token: bound(mesh) }),
    status: 401,
    reason: 'binding_certificate_mismatch',
    challenge: /^Bearer realm="orders", error="invalid_token", error_description="[^"]+"$/,
  },
  'another workload with a stolen token of a registered client': {
    send: (mesh) => ({ who: 'thief', path: '/orders/1', token: mesh.mint({ scope: 'orders.read' }) }),
    status: 401,
    reason: 'binding_workload_mismatch',
    challenge: /error="invalid_token"/,
  },
  'a plain bearer token that belongs to nobody': {
    send: (mesh) => ({
      who: 'client',
      path: '/orders/1',
      token: mesh.mint({ scope: 'orders.read', ...unbound }),
    }),
    status: 401,
    reason: 'binding_missing',
    challenge: /error="invalid_token"/,
  },
  'the same workload after its certificate was rotated': {
    send: (mesh) => ({ who: 'rotated', path: '/orders/1', token: bound(mesh) }),
    status: 200,
    reason: 'allowed',
    boundBy: 'workload',
  },
  'rotated, where only the certificate may prove it': {
    send: (mesh) => ({ who: 'rotated', path: '/bound', token: bound(mesh) }),
    status: 401,
    reason: 'binding_certificate_mismatch',
    challenge: /error="invalid_token"/,
  },
  'no token': {
    send: () => ({ who: 'client', path: '/orders/1' }),
    status: 401,
    reason: 'token_missing',
    challenge: /^Bearer realm="orders"$/,
    error: 'unauthorized',
  },
  expired: {
    send: (mesh) => ({
      who: 'client',
      path: '/orders/1',
      token: bound(mesh, { exp: Date.now() / 1000 - 60 }),
    }),
    status: 401,
    reason: 'token_expired',
    challenge: /error="invalid_token"/,
  },
  'wrong audience': {
    send: (mesh) => ({ who: 'client', path: '/orders/1', token: bound(mesh, { aud: 'payments' }) }),
    status: 401,
    reason: 'token_audience_mismatch',
    challenge: /error="invalid_token"/,
  },
  'missing scope': {
    send: (mesh) => ({ who: 'client', path: '/orders/1', method: 'POST', token: bound(mesh) }),
    status: 403,
    reason: 'scope_missing',
    challenge: /error="insufficient_scope".*scope="orders.read orders.write"$/,
    error: 'insufficient_scope',
  },
  'unknown issuer': {
    send: (mesh) => ({
      who: 'client',
      path: '/orders/1',
      token: mesh.mint({ iss: 'https://stranger.example' }, {}, stranger),
    }),
    status: 401,
    reason: 'token_issuer_unknown',
    challenge: /error="invalid_token"/,
  },
  'a key of another issuer': {
    send: (mesh) => ({
      who: 'client',
      path: '/orders/1',
      token: mesh.mint({ scope: 'orders.read' }, { kid: mesh.signer.kid }, stranger),
    }),
    status: 401,
    reason: 'token_signature_invalid',
    challenge: /error="invalid_token"/,
  },
  'no peer certificate': {
    send: (mesh) => ({ path: '/orders/1', token: bound(mesh) }),
    status: 401,
    reason: 'binding_peer_missing',
    challenge: /error="invalid_token"/,
  },
  'no peer certificate where the rule names peers': {
    send: (mesh) => ({ path: '/peers', token: bound(mesh) }),
    status: 403,
    reason: 'peer_missing',
    error: 'access_denied',
  },
  'a peer that the rule does not name': {
    send: (mesh) => ({ who: 'client', path: '/peers', token: bound(mesh) }),
    status: 403,
    reason: 'peer_not_allowed',
    error: 'access_denied',
  },
  'a foreign trust domain': {
    send: (mesh) => ({
      who: 'foreign',
      path: '/orders/1',
      token: bound(mesh, { cnf: { 'x5t#S256': mesh.who.foreign.thumbprint } }),
    }),
    status: 403,
    reason: 'peer_trust_domain_not_allowed',
    error: 'access_denied',
  },
  'no rule': {
    send: (mesh) => ({ who: 'client', path: '/elsewhere', token: bound(mesh) }),
    status: 403,
    reason: 'no_rule',
    error: 'access_denied',
  },
  'a public rule, without anything': { send: () => ({ path: '/healthz' }), status: 200, reason: 'public' },
};
