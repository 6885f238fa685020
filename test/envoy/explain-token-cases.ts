import type { RefusalReason } from '../../src/core/reasons.ts';
import type { Mesh, Send } from '../support/mesh.ts';
import { at, type EnvoyCase, read, sends } from './explain-case.ts';
import { rs512, stranger } from './explain-world.ts';

/** Refusals of tokens, of their binding and of what a rule wants of them. */

const cnf = (all: Mesh) => ({ 'x5t#S256': all.who.client.thumbprint });
const form = (parts: Record<string, string>): Send => ({
  ...{ who: 'client', method: 'POST', path: '/token', body: new URLSearchParams(parts).toString() },
  headers: [['content-type', 'application/x-www-form-urlencoded']],
});
const later = Math.floor(Date.now() / 1000) + 3_600;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const account = {
  iss: 'https://cluster.example.com',
  sub: 'system:serviceaccount:applications:client',
  'kubernetes.io': { namespace: 'applications', serviceaccount: { name: 'client' } },
};
const partner = { iss: 'https://partner.example.net' };

export const tokenCases = {
  token_missing: sends(() => ({ who: 'client', path: '/orders/7' }), /no access token/),
  authorization_malformed: sends(
    () => ({ who: 'client', path: '/orders/7', headers: [['authorization', 'Bearer "x"']] }),
    /authorization_malformed/,
  ),
  authorization_ambiguous: read({}, /several Authorization/, undefined, {
    headers: [['authorization', 'Bearer second']],
  }),
  body_unreadable: sends(
    () => ({ ...form({ a: 'b' }), headers: [['content-type', 'text/plain']] }),
    /not a form/,
  ),
  assertion_type_unsupported: sends(
    (all) => form({ client_id: 'orders-client', client_assertion: all.mint(account) }),
    /not jwt-bearer/,
  ),
  client_not_registered: sends(
    (all) =>
      form({ client_id: 'kiosk', client_assertion: all.mint(account), client_assertion_type: assertionType }),
    /kiosk.*not registered/,
    /kiosk/,
  ),
  client_ambiguous: sends(
    () => ({ ...form({ grant_type: 'client_credentials' }), path: '/certificate-token' }),
    /registered for orders-client, batch/,
  ),
  assertion_missing: sends(() => form({ client_id: 'orders-client' }), /no client_assertion/),
  assertion_ambiguous: sends(() => form({ client_secret: 'x' }), /client secret/),
  token_too_large: read({ big: 'x'.repeat(2_000) }, /more than 2048/, /tokenLength: \d{4}/),
  token_malformed: sends(() => ({ who: 'client', path: '/corp/1', token: 'opaque' }), /not a JWT/),
  token_algorithm_not_allowed: sends(
    (all) => ({
      ...{ who: 'client', path: '/orders/7' },
      token: all.mint({ ...partner, scope: 'orders.read' }, {}, rs512),
    }),
    /RS512/,
    /RS512/,
  ),
  token_issuer_unknown: read(
    { iss: 'https://partner.example.net/' },
    /partner\.example\.net\//,
    /partner\.example\.net\/$/m,
  ),
  token_key_unknown: sends(
    (all) => ({ who: 'client', path: '/orders/7', token: all.mint({}, {}, stranger) }),
    /corp has no key/,
  ),
  token_signature_invalid: sends(
    (all) => ({
      ...{ who: 'client', path: '/orders/7' },
      token: all.mint({}, { kid: all.signer.kid }, stranger),
    }),
    /the signature does not belong/,
  ),
  token_type_not_allowed: read(
    { iss: 'https://strict.example.com' },
    /typ is "JWT", and only at\+jwt is accepted/,
  ),
  token_claim_malformed: read({ exp: undefined }, /exp is missing/),
  token_expired: read({ exp: 1_000 }, /expired 1970/),
  token_not_yet_valid: read({ nbf: later, exp: later + 60 }, /valid from 20/),
  actor_malformed: read({ act: 'x' }, /act is not an object/),
  actor_mismatch: read(
    { act: { sub: 'a' }, may_act: { sub: 'b' } },
    /the actor is .?"a.?", and may_act names/,
  ),
  token_audience_mismatch: read({ aud: 'billing' }, /the token is for \["billing"\]/, /billing/),
  token_issuer_not_allowed: at('/corp/1', partner, /does not accept tokens of partner/, /partner/),
  confirmation_malformed: read({ cnf: 'x' }, /cnf is not an object/),
  confirmation_unsupported: read({ cnf: { kid: 'x' } }, /cnf\.kid/),
  confirmation_unproven: sends(
    (all) => ({ who: 'client', path: '/bearer/1', token: all.mint({ cnf: cnf(all) }) }),
    /the token has a cnf/,
    /certificate/,
  ),
  binding_peer_missing: sends(
    (all) => ({ path: '/orders/7', token: all.mint({ cnf: cnf(all) }) }),
    /no peer was verified/,
  ),
  binding_certificate_mismatch: sends(
    (all) => ({ who: 'rotated', path: '/bound/1', token: all.mint({ cnf: cnf(all) }) }),
    /thumbprint/,
    /workload/,
  ),
  binding_workload_mismatch: read({}, /belongs to client "?orders-client"?.*\/thief/, /sa\/thief/, {
    who: 'thief',
  }),
  binding_missing: read({ client_id: 'kiosk' }, /kiosk/, /kiosk/),
  scope_missing: read({ scope: 'other' }, /missing: orders\.read; the token has .?other/, /read-exact/),
  claim_mismatch: at('/tenant/1', { tenant: 'red' }, /tenant is "red"/, /red/),
  service_account_not_allowed: at(
    '/account/1',
    account,
    /the ServiceAccount is applications\/client/,
    /applications\/client/,
  ),
  actor_missing: at('/acting/1', {}, /the rule wants up to 1 in a chain/),
  actor_not_allowed: at(
    '/acting/1',
    { sub: 'bob', act: { sub: 'orders-client' } },
    /the current actor is .?"orders-client.?"; for .?"bob/,
    /orders-client/,
  ),
  email_not_allowed: at('/people/1', { email: 'bob@example.com' }, /addresses \[ann@example\.com\]/),
  condition_not_met: at('/office/1', { floor: 'first' }, /condition of the rule office is false/),
  condition_failed: at('/office/1', {}, /condition of the rule office cannot be evaluated/),
} satisfies Partial<Record<RefusalReason, EnvoyCase>>;
