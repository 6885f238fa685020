import { presets } from '../../src/core/identity/presets.ts';
import {
  bearer,
  bound,
  certificates,
  element,
  IDS,
  type ParityCase,
  token,
  xfcc,
} from './parity-world-cases.ts';

/** Requests, peers and identities. `/orders/1` asks for a token of the sender. */

const { client, partner, gateway, expired, early, authority } = certificates;
const cert = ({ urlEncodedPem }: { urlEncodedPem: string }) => `;Cert="${urlEncodedPem}"`;
const forwarded = (value: string): [string, string] => ['x-forwarded-client-cert', value];
const peer = (value: string, reason: string, text = token(), status = 403): ParityCase => ({
  headers: [forwarded(value), bearer(text)],
  status,
  reason,
});
const ambiguous = (path: string): ParityCase => ({ path, status: 400, reason: 'path_ambiguous' });
const own = element(gateway, IDS.gateway);
const names = Object.keys(presets['oauth2-proxy']).filter((name) => name !== 'x-forwarded-client-cert');

export const requestCases: Record<string, ParityCase> = {
  'no rule': { path: '/elsewhere', status: 403, reason: 'no_rule' },
  'a rule for a context of the proxy': { path: '/context', status: 403, reason: 'no_rule' },
  'another method': { path: '/strict/1', status: 403, reason: 'no_rule' },
  'another host': { path: '/strict/1', method: 'POST', host: 'evil.example', status: 403, reason: 'no_rule' },
  'a host with a comma': { host: 'orders.example.com,evil', status: 400, reason: 'request_malformed' },
  'a host with a user': {
    host: 'x@orders.example.com',
    only: 'h1',
    status: 400,
    reason: 'request_malformed',
  },
  'a host with a slash': {
    host: 'orders.example.com/x',
    only: 'h1',
    status: 400,
    reason: 'request_malformed',
  },
  'an empty segment': ambiguous('//orders/1'),
  'a dot segment': ambiguous('/orders/../strict/1'),
  'an escaped dot segment': ambiguous('/orders/%2e%2e/strict/1'),
  'an escaped slash': ambiguous('/orders%2F1'),
  'a parameter of a segment': ambiguous('/orders;x=1/1'),
  'a broken escape': ambiguous('/orders/%'),
  'a backslash': ambiguous('/orders\\1'),
  'a fragment': ambiguous('/orders/1#x'),
  'an escaped letter': {
    path: '/%6Frders/1?x=/../',
    status: 401,
    reason: 'token_missing',
    line: { path: '/orders/1', rule: 'orders' },
  },
  'a public rule': { path: '/healthz', status: 200, reason: 'public', line: { rule: 'public' } },
  'a public rule with rubbish around': {
    path: '/healthz?x',
    headers: [bearer('rubbish'), forwarded('rubbish'), ['x-auth-request-user', 'forged']],
    status: 200,
    reason: 'public',
  },
  'headers that other services believe': {
    path: '/elsewhere',
    headers: [
      ['x-forwarded-uri', '/healthz'],
      ['x-original-uri', '/healthz'],
      ['x-original-url', 'http://orders.example.com/healthz'],
      ['x-envoy-original-path', '/healthz'],
      ['x-http-method-override', 'POST'],
    ],
    status: 403,
    reason: 'no_rule',
  },
  'a trace': {
    headers: [['traceparent', `00-${'4bf92f3577b34da6'.repeat(2)}-00f067aa0ba902b7-01`]],
    status: 401,
    reason: 'token_missing',
    line: { trace_id: '4bf92f3577b34da6'.repeat(2) },
  },
};

export const peerCases: Record<string, ParityCase> = {
  'bound by Hash': {
    headers: [xfcc('client'), bearer(bound(client))],
    status: 200,
    reason: 'allowed',
    line: { bound_by: 'certificate', spiffe_id: IDS.client, peer_from: 'xfcc' },
  },
  'bound by the workload of URI': {
    headers: [xfcc('client'), bearer(token())],
    status: 200,
    reason: 'allowed',
    line: { bound_by: 'workload', client_id: 'orders-client' },
  },
  'everything a rule can ask for': {
    method: 'POST',
    path: '/strict/1',
    headers: [xfcc('client'), bearer(bound(client, { scope: 'orders.write', tenant: 'blue' }))],
    status: 200,
    reason: 'allowed',
    line: { rule: 'strict', bound_by: 'certificate' },
  },
  'a peer of another trust domain': {
    method: 'POST',
    path: '/strict/1',
    headers: [xfcc('foreign'), bearer(token())],
    status: 403,
    reason: 'peer_trust_domain_not_allowed',
  },
  'a stolen token, bound by certificate': peer(
    xfcc('thief')[1],
    'binding_certificate_mismatch',
    bound(client),
    401,
  ),
  'a stolen token, bound by workload': peer(xfcc('thief')[1], 'binding_workload_mismatch', token(), 401),
  'no peer': { headers: [bearer(bound(client))], status: 401, reason: 'binding_peer_missing' },
  'a token that belongs to nobody': peer(
    xfcc('client')[1],
    'binding_missing',
    token({ client_id: undefined, sub: 'x' }),
    401,
  ),
  'no peer where one is named': {
    path: '/victim',
    headers: [bearer(token())],
    status: 403,
    reason: 'peer_missing',
  },
  'another peer than the one named': {
    path: '/victim',
    headers: [xfcc('thief'), bearer(token())],
    status: 403,
    reason: 'peer_not_allowed',
  },
  'XFCC that cannot be read': peer('rubbish', 'peer_forwarded_malformed'),
  'XFCC in its JSON form': peer('[{"Hash":"x"}]', 'peer_forwarded_malformed'),
  'XFCC with a comma at its end': peer(`${xfcc('client')[1]},`, 'peer_forwarded_malformed'),
  'XFCC with a Hash that is none': peer(`Hash=xyz;URI=${IDS.client}`, 'peer_forwarded_malformed'),
  'XFCC with two URIs': peer(`${xfcc('thief')[1]};URI=${IDS.client}`, 'peer_forwarded_ambiguous'),
  'XFCC in two headers: the last element counts': {
    path: '/victim',
    headers: [xfcc('client'), xfcc('thief'), bearer(token())],
    status: 403,
    reason: 'peer_not_allowed',
    line: { spiffe_id: IDS.thief },
  },
  'XFCC with a Cert that Hash denies': peer(
    element(client, IDS.client, cert(partner)),
    'peer_forwarded_ambiguous',
  ),
  'XFCC with its Cert': { ...peer(element(client, IDS.client, cert(client)), 'allowed'), status: 200 },
  'XFCC with half a Cert': peer(`Cert="-----BEGIN%20";URI=${IDS.client}`, 'peer_certificate_malformed'),
  'an expired certificate': peer(element(expired, IDS.client, cert(expired)), 'peer_certificate_expired'),
  'a certificate of tomorrow': peer(
    element(early, IDS.client, cert(early)),
    'peer_certificate_not_yet_valid',
  ),
  'the certificate of a CA': peer(
    element(authority, IDS.client, cert(authority)),
    'peer_certificate_unsuitable',
  ),
  'a SPIFFE ID that is none': peer(element(client, 'spiffe://Cluster.Local/x'), 'peer_spiffe_id_invalid'),
  'the client of a gateway': {
    headers: [forwarded(`${element(partner, undefined)},${own}`), bearer(bound(partner))],
    status: 200,
    reason: 'allowed',
    line: { via: IDS.gateway, bound_by: 'certificate' },
  },
  'a gateway without a client': peer(own, 'binding_certificate_mismatch', bound(partner), 401),
  'three elements before a gateway': peer(
    `${element(client, IDS.client)},${element(partner, undefined)},${own}`,
    'peer_forwarded_ambiguous',
  ),
  'x-client-certificate': {
    path: '/victim',
    headers: [['x-client-certificate', client.urlEncodedPem], bearer(bound(client))],
    status: 403,
    reason: 'peer_missing',
  },
};

const everything = token({
  sub: 'zoë %41 x,y',
  email: 'a@b.example',
  groups: ['ops', 'dev,x', 'größe'],
  preferred_username: 'ali\nce',
  scope: 'a b',
});
export const identityCases: Record<string, ParityCase> = {
  'every claim, in characters that no header may hold': {
    headers: [xfcc('client'), bearer(everything)],
    status: 200,
    reason: 'allowed',
  },
  'an address that is not verified': {
    headers: [xfcc('client'), bearer(token({ email: 'a@b.example', email_verified: false }))],
    status: 200,
    reason: 'allowed',
    asOauth2Proxy: { status: 401, reason: 'email_not_verified' },
  },
  'a claim that is too long for a header': {
    headers: [xfcc('client'), bearer(token({ sub: '\u{1f600}'.repeat(685) }))],
    status: 200,
    reason: 'allowed',
  },
  'forged identity headers': {
    headers: [xfcc('client'), bearer(token()), ...names.map((name) => [name, 'forged'] as const)],
    status: 200,
    reason: 'allowed',
  },
  'forged identity headers with _': {
    headers: [
      xfcc('client'),
      bearer(token()),
      ...names.flatMap((name) =>
        [name.replaceAll('-', '_'), name.replace('-', '_'), name.replace(/-(?=[^-]*$)/, '_')].map(
          (spelling) => [spelling, 'forged'] as const,
        ),
      ),
    ],
    status: 200,
    reason: 'allowed',
  },
};
