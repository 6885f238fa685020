import { presets } from '../../src/core/identity/presets.ts';
import { IDS } from '../support/identities.ts';
import { type DoorName, doors } from './doors.ts';
import type { HeaderLines, Otherwise, Verdict } from './verdict.ts';

/** The issuer of every token of the table. */
export const ISSUER = 'https://login.example.com';
/** The one of the opaque tokens. */
export const OPAQUE_ISSUER = 'https://opaque.example.com';

/** Every header that the application may believe in, but for XFCC, which has rows of its own. */
const identityHeaders = Object.keys(presets.standard).filter((name) => name !== 'x-forwarded-client-cert');
const forgedIdentity: HeaderLines = identityHeaders.map((name) => [name, 'forged']);
/** The same where an application takes `_` for `-`. */
const lookalikes: HeaderLines = identityHeaders.map((name) => [name.replaceAll('-', '_'), 'forged']);

/** Another request than the one that is made, as proxies write it. */
const otherRequest: HeaderLines = [
  ['x-forwarded-uri', '/healthz'],
  ['x-forwarded-method', 'OPTIONS'],
  ['x-original-uri', '/healthz'],
  ['x-original-method', 'OPTIONS'],
  ['x-original-url', 'https://orders.example.com/healthz'],
  ['x-rewrite-url', '/healthz'],
  ['x-http-method-override', 'OPTIONS'],
  ['x-envoy-original-path', '/healthz'],
];

const onlyName = 'only the name of the peer is known there';
/** Their files refuse what could be read in two ways. */
const strict: readonly DoorName[] = ['envoy-gateway', 'envoy-file'];
const nameless = (Object.keys(doors) as DoorName[]).filter((name) => doors[name].destination === 'no');
const normalising = (Object.keys(doors) as DoorName[]).filter((name) => doors[name].paths === 'normalised');

const ofAlice = {
  'x-auth-request-user': 'alice',
  'x-auth-request-client-id': 'orders-client',
  'x-auth-request-issuer': ISSUER,
  'x-auth-request-scope': 'orders.read',
};
const ofClient = { ...ofAlice, 'x-spiffe-id': IDS.client };
const ofPeer = { 'x-spiffe-id': IDS.client };
const ofBob = {
  ...ofClient,
  'x-auth-request-user': 'bob',
  'x-auth-request-issuer': OPAQUE_ISSUER,
};

const orders = { path: '/orders/1' } as const;
const own = { ...orders, token: 'read' } as const;
const bearer = { path: '/bearer' } as const;
const unproven: Pick<Verdict, 'from' | 'at'> = {
  from: 'nobody',
  at: at(['istio-waypoint'], { refuses: 0, why: 'a connection without a certificate is refused there' }),
};

/** The 50 verdicts. Every door must agree, except where a row names it. */
export const verdicts: readonly Verdict[] = [
  // The right sender.
  { name: 'own token', ...own, reason: 'allowed', sees: ofClient },
  { name: 'HEAD', ...own, method: 'HEAD', reason: 'allowed', sees: ofClient },
  { name: 'own token after a rotation', from: 'rotated', ...own, reason: 'allowed', sees: ofClient },
  {
    name: 'token of the certificate',
    ...{ token: 'bound', path: '/certificate' },
    reason: 'allowed',
    sees: ofClient,
    at: at(['istio-waypoint'], { reason: 'binding_certificate_mismatch', why: onlyName }),
  },

  // Stolen tokens.
  { name: 'stolen by another workload', from: 'thief', ...own, reason: 'binding_workload_mismatch' },
  { name: 'stolen by somebody without a certificate', ...unproven, ...own, reason: 'binding_peer_missing' },
  {
    name: 'token of another certificate',
    ...{ from: 'thief', token: 'bound', path: '/certificate' },
    reason: 'binding_certificate_mismatch',
  },
  {
    name: 'token of the certificate before a rotation',
    ...{ from: 'rotated', token: 'bound', path: '/certificate' },
    reason: 'binding_certificate_mismatch',
  },
  {
    name: 'bound token as a plain one',
    ...{ ...unproven, ...bearer, token: 'bound' },
    reason: 'confirmation_unproven',
  },
  { name: 'another trust domain', from: 'foreign', ...own, reason: 'peer_trust_domain_not_allowed' },
  {
    name: 'peer that the rule does not name',
    ...{ from: 'thief', token: 'read', path: '/peers' },
    reason: 'peer_not_allowed',
  },
  {
    name: 'no peer where the rule names one',
    ...{ ...unproven, token: 'read', path: '/peers' },
    reason: 'peer_missing',
  },

  // Tokens that are no good.
  { name: 'no token', ...orders, reason: 'token_missing' },
  { name: 'token in the query', path: '/orders/1?access_token=e30.e30.e30', reason: 'token_missing' },
  {
    name: 'password',
    ...{ ...orders, headers: [['authorization', 'Basic YWxpY2U6c2VjcmV0']] },
    reason: 'token_missing',
  },
  {
    name: 'scheme without a token',
    ...{ ...orders, headers: [['authorization', 'Bearer']] },
    reason: 'authorization_malformed',
  },
  {
    name: 'two Authorization headers',
    ...{ ...own, authorization: (token) => [`Bearer ${token}`, 'Bearer e30.e30.e30'] },
    reason: 'authorization_ambiguous',
    at: at(['nginx'], { refuses: 400, why: 'nginx refuses two of them by itself' }),
  },
  { name: 'token that is cut off', ...bearer, token: 'cut off', reason: 'token_malformed' },
  { name: 'token that is too large', ...bearer, token: 'too large', reason: 'token_too_large' },
  { name: 'token that is expired', ...bearer, token: 'expired', reason: 'token_expired' },
  { name: 'token for another audience', ...bearer, token: 'elsewhere', reason: 'token_audience_mismatch' },
  { name: 'token of an unknown issuer', ...bearer, token: 'stranger', reason: 'token_issuer_unknown' },
  { name: 'token with alg none', ...bearer, token: 'unsigned', reason: 'token_algorithm_not_allowed' },
  { name: 'token with a forged signature', ...bearer, token: 'forged', reason: 'token_signature_invalid' },
  { name: 'token with an unknown key', ...bearer, token: 'key unknown', reason: 'token_key_unknown' },
  { name: 'token of another type', ...bearer, token: 'logout token', reason: 'token_type_not_allowed' },
  { name: 'opaque token', token: 'opaque', path: '/opaque', reason: 'allowed', sees: ofBob },
  { name: 'opaque token that is revoked', token: 'revoked', path: '/opaque', reason: 'token_inactive' },
  { name: 'token of another issuer', token: 'read', path: '/opaque', reason: 'token_issuer_not_allowed' },

  // Rules.
  { name: 'scope missing', ...own, method: 'POST', reason: 'scope_missing' },
  {
    name: 'destination of the rule',
    ...{ path: '/destination', reason: 'public' },
    at: at(nameless, { reason: 'no_rule', why: 'the proxy has no SPIFFE ID' }),
  },
  { name: 'method without a rule', ...own, method: 'DELETE', reason: 'no_rule' },
  { name: 'claim missing', token: 'read', path: '/claims', reason: 'claim_mismatch' },
  {
    name: 'condition that a header meets',
    ...{ token: 'blue', path: '/condition', headers: [['x-tenant', 'blue']] },
    reason: 'allowed',
    sees: ofClient,
    at: at(['http'], { reason: 'condition_failed', why: 'only listed headers are sent there' }),
  },
  { name: 'optional token, expired', token: 'expired', path: '/optional', reason: 'token_expired' },
  { name: 'optional token, missing', path: '/optional', reason: 'anonymous', sees: ofPeer },
  { name: 'observed', path: '/observed', reason: 'observed', sees: ofPeer },

  // Headers of a client.
  { name: 'forged identity', ...own, headers: forgedIdentity, reason: 'allowed', sees: ofClient },
  { name: 'forged identity, public', path: '/public/1', headers: forgedIdentity, reason: 'public' },
  {
    name: 'forged identity, with _ for -',
    ...{ path: '/public/1', headers: lookalikes, reason: 'public' },
    at: at(strict, { refuses: 400, resetsStream: true, why: 'names with _ are refused there' }),
  },
  {
    name: 'forged certificate in a header',
    ...{ ...unproven, ...own, forgesCertificate: true },
    reason: 'binding_peer_missing',
  },
  {
    name: 'forged certificate beside another one',
    ...{ from: 'thief', ...own, forgesCertificate: true },
    reason: 'binding_workload_mismatch',
  },
  { name: 'another request in headers', ...orders, headers: otherRequest, reason: 'token_missing' },

  // Hosts and paths.
  {
    name: 'host in other letters',
    ...{ ...bearer, host: 'ADMIN.example.com', token: 'read' },
    reason: 'scope_missing',
  },
  {
    name: 'host with a port',
    ...{ ...bearer, host: 'admin.example.com:8443', token: 'read' },
    reason: 'no_rule',
    at: at(['nginx', 'caddy'], { reason: 'scope_missing', why: 'the port is removed there' }),
  },
  {
    name: 'host with a final dot',
    ...{ ...bearer, host: 'admin.example.com.', token: 'read' },
    reason: 'no_rule',
    at: {
      ...at(['nginx'], { reason: 'scope_missing', why: 'the dot is removed there' }),
      ...at(['caddy'], { refuses: 421, why: 'the handshake names another host' }),
    },
  },
  {
    name: 'dots that lead to another rule',
    path: '/healthz/../orders/1',
    reason: 'path_ambiguous',
    at: at(normalising, { reason: 'token_missing', why: 'the check and the application get /orders/1' }),
  },
  {
    name: 'doubled slashes',
    ...{ path: '//healthz', reason: 'path_ambiguous' },
    at: at([...strict, 'traefik'], { reason: 'public', why: 'the check and the application get /healthz' }),
  },
  {
    name: 'encoded slashes',
    ...{ path: '/public%2F..%2Forders%2F1', reason: 'path_ambiguous' },
    at: at(strict, { refuses: 400, why: 'escaped slashes are refused there' }),
  },
  { name: 'parameter in a path', path: '/healthz;/orders/1', reason: 'path_ambiguous' },
];

function at(names: readonly DoorName[], otherwise: Otherwise): Verdict['at'] {
  return Object.fromEntries(names.map((name) => [name, otherwise]));
}
