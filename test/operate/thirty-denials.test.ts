import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { evidenceOfCheck, evidenceOfForwardAuth } from '../../src/http/check-request.ts';
import { checkOf } from '../http/check-cases.ts';
import { createCheckWorld, evidenceFor, NOW, type Presented } from '../support/check-world.ts';
import { assembleJwt, createSigner, encodePart } from '../support/jwt-signer.ts';
import { logLineFor } from '../support/log-lines.ts';
import { goodClaims, ISSUER, inlineIssuer, NOW_SECONDS, OTHER_ISSUER } from '../support/token-fixture.ts';
import { createWorkloads, SHOP, TILL, TRUST_DOMAIN, xfccOf } from '../support/workload-fixture.ts';

/** Denials as they happen in real life. One line of the log must be enough to tell them apart. */

const corp = createSigner('ES256', { kid: 'corp-2030' });
const partner = createSigner('ES256', { kid: 'partner-1' });
const stranger = createSigner('ES256', { kid: 'corp-2031' });
const { shop, shopRotated, till, foreign, nameless, issue } = await createWorkloads();
const expired = await issue({ uris: [SHOP], notAfter: new Date(NOW - 1_000) });

const config = (more: Partial<ConfigInput> = {}): ConfigInput => ({
  issuers: {
    corp: inlineIssuer([corp], { audiences: ['orders', 'https://orders.example.com/'] }),
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER }),
  },
  peers: { from: ['attribute', 'xfcc', 'principal'], trustDomains: { [TRUST_DOMAIN]: {} } },
  rules: [
    {
      name: 'shadowing',
      match: { paths: ['/shadowed/**'] },
      require: { scopes: ['everything'], binding: ['none'] },
    },
    { name: 'shadowed', match: { paths: ['/shadowed/reports'] }, require: { binding: ['none'] } },
    { name: 'host', match: { hosts: ['billing.*'], paths: ['/bills'] }, require: { binding: ['none'] } },
    {
      name: 'api',
      match: { methods: ['GET', 'POST'], paths: ['/api/orders'] },
      require: { binding: ['none'] },
    },
    {
      name: 'context',
      match: { context: { tier: 'gold' }, paths: ['/gold'] },
      require: { binding: ['none'] },
    },
    { name: 'bound', match: { paths: ['/bound'] }, require: { binding: ['certificate'] } },
    { name: 'workload', match: { paths: ['/workload'] }, require: { binding: ['workload'] } },
    { name: 'peers', match: { paths: ['/peers'] }, require: { peers: [TILL], binding: ['none'] } },
    { name: 'scope', match: { paths: ['/scope'] }, require: { scopes: ['orders.write'], binding: ['none'] } },
    {
      name: 'claim',
      match: { paths: ['/claim'] },
      require: { claims: { tenant: 'blue' }, binding: ['none'] },
    },
    {
      name: 'condition',
      match: { paths: ['/condition'] },
      require: { when: "claims.tenant == request.headers['x-tenant']", binding: ['none'] },
    },
    { name: 'corp-only', match: { paths: ['/corp'] }, require: { issuers: ['corp'], binding: ['none'] } },
    { name: 'orders', match: { paths: ['/orders'] }, require: { binding: ['none'] } },
  ],
  ...more,
});
const world = await createCheckWorld(config());
const attributeOnly = await createCheckWorld(
  config({ peers: { from: ['attribute'], trustDomains: { [TRUST_DOMAIN]: {} } } }),
);
const owned = await createCheckWorld(
  config({ rules: [{ name: 'till', match: { destinations: [TILL] }, require: { binding: ['none'] } }] }),
);

const token = (claims: Record<string, unknown> = {}) => corp.sign(goodClaims(claims));
const bound = token({ sub: SHOP, cnf: { 'x5t#S256': shop.thumbprint } });
const xfcc = (element: string) => ({ 'x-forwarded-client-cert': element });
const authorization = `Bearer ${bound}`;
const overHttp = (headers: Record<string, string>, mode: Parameters<typeof evidenceOfCheck>[2]) =>
  evidenceOfCheck(checkOf({ target: '/bound', headers: { authorization, ...headers } }), '', mode);
const original = { 'x-original-method': 'GET', 'x-original-host': 'orders.example.com' };
const nginx = (headers: Record<string, string>, query = '') =>
  evidenceOfForwardAuth(checkOf({ target: `/auth${query}`, headers: { authorization, ...headers } }), {
    path: '/auth',
    trusts: () => true,
    original: 'x-original',
  });
const OWN = `spiffe://${TRUST_DOMAIN}/ns/peerproof/sa/peerproof`;
const unsigned = assembleJwt({ header: { alg: 'none' }, payload: goodClaims() });
const symmetric = `${encodePart({ alg: 'HS256' })}.${encodePart(goodClaims())}.${encodePart('x'.repeat(32))}`;

interface Denied {
  readonly what: string;
  readonly sent: Presented | Evidence;
  readonly reason: string;
  /** What a person must read in the detail. */
  readonly telling: RegExp;
  readonly at?: typeof world;
}

const denials: readonly Denied[] = [
  {
    what: 'a host with one label too many',
    sent: { host: 'billing.example.com', path: '/bills' },
    reason: 'no_rule',
    telling: /nearest: host \(host billing\.\* does not match billing\.example\.com: it has one label more\)/,
  },
  {
    what: 'a path in another case',
    sent: { path: '/API/orders' },
    reason: 'no_rule',
    telling: /nearest: api \(path \/api\/orders does not match \/API\/orders: the case of letters differs\)/,
  },
  {
    what: 'a method that the rule leaves out',
    sent: { path: '/api/orders', method: 'PATCH' },
    reason: 'no_rule',
    telling: /nearest: api \(method PATCH is not GET, POST\)/,
  },
  {
    what: 'a route without its context',
    sent: { path: '/gold' },
    reason: 'no_rule',
    telling: /nearest: context \(context tier is missing and not gold\)/,
  },
  {
    what: 'a workload that the proxy does not name',
    sent: {},
    at: owned,
    reason: 'no_rule',
    telling: /nearest: till \(destination is not named by the proxy/,
  },
  {
    what: 'a rule that stands before the one that was meant',
    sent: { path: '/shadowed/reports', token: token() },
    reason: 'scope_missing',
    telling: /^missing: everything; the token does not have any$/,
  },
  {
    what: 'no mTLS',
    sent: { path: '/bound', token: bound },
    reason: 'binding_peer_missing',
    telling: /^the proxy sent neither a certificate nor x-forwarded-client-cert/,
  },
  {
    what: 'http.xfcc none',
    sent: overHttp(xfcc(xfccOf(shop, SHOP)), 'none'),
    reason: 'binding_peer_missing',
    telling: /^x-forwarded-client-cert came, and http\.xfcc is none/,
  },
  {
    what: 'a caller of our own sidecar without a peer',
    sent: overHttp(xfcc(`By=${OWN};Hash=${till.sha256Hex};URI=${TILL}`), { sidecar: OWN }),
    reason: 'binding_peer_missing',
    telling: /^x-forwarded-client-cert held only the element of our own sidecar/,
  },
  {
    what: 'peers.from without xfcc',
    sent: { path: '/bound', token: bound, headers: xfcc(xfccOf(shop, SHOP)) },
    at: attributeOnly,
    reason: 'binding_peer_missing',
    telling: /^the check holds x-forwarded-client-cert, and peers\.from leaves out xfcc/,
  },
  {
    what: 'a proxy that names only a subject',
    sent: { path: '/bound', token: bound, principal: 'CN=shop' },
    reason: 'binding_peer_missing',
    telling: /^the proxy names its peer only as "CN=shop"/,
  },
  {
    what: 'nginx without a certificate',
    sent: nginx({ ...original, 'x-original-uri': '/bound' }),
    reason: 'binding_peer_missing',
    telling: /^certificateHeader is not set for this path of http\.forwardAuth/,
  },
  {
    what: 'a certificate without a SPIFFE ID',
    sent: { path: '/peers', token: bound, certificate: nameless },
    reason: 'peer_missing',
    telling: /^the certificate that the proxy sent does not hold a SPIFFE ID/,
  },
  {
    what: 'the workload after its rotation',
    sent: { path: '/bound', token: bound, certificate: shopRotated },
    reason: 'binding_certificate_mismatch',
    telling: /^certificate: the same workload: its certificate was rotated/,
  },
  {
    what: 'a stolen token',
    sent: { path: '/bound', token: bound, certificate: till },
    reason: 'binding_certificate_mismatch',
    telling: /^certificate: another workload/,
  },
  {
    what: 'a token of another workload',
    sent: { path: '/workload', token: token({ sub: SHOP }), certificate: till },
    reason: 'binding_workload_mismatch',
    telling: /belongs to \S+\/shop, the peer is \S+\/till$/,
  },
  {
    what: 'a token of nobody',
    sent: { path: '/workload', token: token(), certificate: till },
    reason: 'binding_missing',
    telling: /no SPIFFE subject, no ServiceAccount/,
  },
  {
    what: 'a peer that the rule does not name',
    sent: { path: '/peers', token: bound, certificate: shop },
    reason: 'peer_not_allowed',
    telling: /^the peer is \S+\/shop; wanted: \S+\/till$/,
  },
  {
    what: 'a peer of another trust domain',
    sent: { path: '/peers', token: bound, certificate: foreign },
    reason: 'peer_trust_domain_not_allowed',
    telling: /evil\.example/,
  },
  {
    what: 'a certificate that has expired',
    sent: { path: '/bound', token: bound, certificate: expired },
    reason: 'peer_certificate_expired',
    telling: /^valid until 2030/,
  },
  { what: 'no token', sent: {}, reason: 'token_missing', telling: /^Authorization is missing$/ },
  {
    what: 'Basic',
    sent: { authorization: 'Basic YWxpY2U6c2VjcmV0' },
    reason: 'token_missing',
    telling: /^Authorization holds Basic instead of Bearer$/,
  },
  {
    what: 'a session cookie',
    sent: { headers: { cookie: 'session=secret' } },
    reason: 'token_missing',
    telling: /^Authorization is missing; cookie does not count$/,
  },
  {
    what: 'a token in the query',
    sent: { path: '/orders?access_token=secret' },
    reason: 'token_missing',
    telling: /access_token in the query does not count$/,
  },
  {
    what: 'a token without Bearer',
    sent: { authorization: token() },
    reason: 'token_missing',
    telling: /^Authorization holds a token without the word Bearer$/,
  },
  {
    what: 'quotes around the token',
    sent: { authorization: `Bearer "${token()}"` },
    reason: 'authorization_malformed',
    telling: /: a quotation mark$/,
  },
  {
    what: 'Bearer twice',
    sent: { authorization: `Bearer Bearer ${token()}` },
    reason: 'authorization_malformed',
    telling: /: Bearer stands twice$/,
  },
  {
    what: 'alg none',
    sent: { token: `${unsigned.split('.').slice(0, 2).join('.')}.AA` },
    reason: 'token_algorithm_not_allowed',
    telling: /^alg "none": the token is not signed$/,
  },
  {
    what: 'a shared secret',
    sent: { token: symmetric },
    reason: 'token_algorithm_not_allowed',
    telling: /^alg "HS256" is symmetric/,
  },
  {
    what: 'a final slash in iss',
    sent: { token: token({ iss: `${ISSUER}/` }) },
    reason: 'token_issuer_unknown',
    telling: /differs only in the final slash from the issuer corp/,
  },
  {
    what: 'an issuer of somebody else',
    sent: { token: token({ iss: 'https://login.stranger.example' }) },
    reason: 'token_issuer_unknown',
    telling: /configured are: https:\/\/login\.example\.com, https:\/\/partner\.example\.net$/,
  },
  {
    what: 'an issuer that the rule leaves out',
    sent: { path: '/corp', token: partner.sign(goodClaims({ iss: OTHER_ISSUER })) },
    reason: 'token_issuer_not_allowed',
    telling: /^the token is from partner; the rule accepts corp$/,
  },
  {
    what: 'a key that is not published',
    sent: { token: stranger.sign(goodClaims()) },
    reason: 'token_key_unknown',
    telling: /kid "corp-2031"; known are corp-2030, fetched 0 s ago/,
  },
  {
    what: 'a changed token',
    sent: { token: stranger.sign(goodClaims(), { kid: corp.kid }) },
    reason: 'token_signature_invalid',
    telling: /^alg ES256, kid "corp-2030"$/,
  },
  {
    what: 'the audience of another service',
    sent: { token: token({ aud: 'billing' }) },
    reason: 'token_audience_mismatch',
    telling: /^wanted: orders, https:\/\/orders\.example\.com\/; aud is \["billing"\]$/,
  },
  {
    what: 'an audience without its slash',
    sent: { token: token({ aud: 'https://orders.example.com' }) },
    reason: 'token_audience_mismatch',
    telling: /it differs only in the final slash/,
  },
  {
    what: 'a token without an audience',
    sent: { token: token({ aud: undefined }) },
    reason: 'token_audience_mismatch',
    telling: /; aud is missing$/,
  },
  {
    what: 'an old token',
    sent: { token: token({ exp: NOW_SECONDS - 3_600 }) },
    reason: 'token_expired',
    telling: /^expired 2030-01-15T11:00/,
  },
  {
    what: 'a token of a clock that is fast',
    sent: { token: token({ nbf: NOW_SECONDS + 3_600 }) },
    reason: 'token_not_yet_valid',
    telling: /^valid from 2030-01-15T13:00/,
  },
  {
    what: 'a scope that was not requested',
    sent: { path: '/scope', token: token({ scope: 'orders.read' }) },
    reason: 'scope_missing',
    telling: /^missing: orders\.write; the token has orders\.read$/,
  },
  {
    what: 'a claim that is missing',
    sent: { path: '/claim', token: token() },
    reason: 'claim_mismatch',
    telling: /^tenant is missing; wanted: "blue"$/,
  },
  {
    what: 'a claim with another value',
    sent: { path: '/claim', token: token({ tenant: 'red' }) },
    reason: 'claim_mismatch',
    telling: /^tenant is "red"; wanted: "blue"$/,
  },
  {
    what: 'a condition that is false',
    sent: { path: '/condition', token: token({ tenant: 'red' }), headers: { 'x-tenant': 'blue' } },
    reason: 'condition_not_met',
    telling: /\(claims\.tenant is "red", request\.headers\['x-tenant'\] is "blue"\)$/,
  },
  {
    what: 'a condition on a header that did not come',
    sent: { path: '/condition', token: token({ tenant: 'red' }) },
    reason: 'condition_failed',
    telling: /\(request\.headers\['x-tenant'\] is missing, claims\.tenant is "red"\)$/,
  },
  {
    what: 'nginx without a header',
    sent: nginx(original),
    reason: 'request_malformed',
    telling: /^the proxy did not send x-original-uri;/,
  },
  {
    what: 'a misspelt restriction of nginx',
    sent: nginx({ ...original, 'x-original-uri': '/orders' }, '?allowed_group=ops'),
    reason: 'request_malformed',
    telling: /^the query of the proxy has an unknown parameter: "allowed_group";/,
  },
];

const lineOf = async ({ sent, at = world }: Denied) =>
  (await logLineFor(at, 'destination' in sent ? sent : evidenceFor(sent))).entry;

for (const denied of denials)
  test(`thirty denials – the log tells of ${denied.what}`, async (t) => {
    const { effect, reason, detail } = await lineOf(denied);
    t.deepEqual([effect, reason], ['deny', denied.reason], String(detail));
    t.regex(String(detail), denied.telling);
  });

test('thirty denials – each line differs in its reason, or in what its detail tells first', async (t) => {
  const lines = await Promise.all(denials.map(lineOf));
  const told = lines.map(({ reason, detail }) => `${reason}: ${String(detail).slice(0, 160)}`);
  t.true(denials.length >= 30);
  t.is(new Set(told).size, denials.length);
  // Nor does one case read like another.
  for (const [number, { reason, detail }] of lines.entries()) {
    const alike = denials.filter((one) => one.reason === reason && one.telling.test(String(detail)));
    t.deepEqual(
      alike.map(({ what }) => what),
      [denials[number]?.what],
    );
  }
});

test('thirty denials – no line shows a token or a secret, and each detail is short', async (t) => {
  for (const denied of denials) {
    const line = JSON.stringify(await lineOf(denied));
    t.false(/eyJ|secret|YWxpY2U6/.test(line), line);
    t.true(String(JSON.parse(line).detail).length <= 513);
  }
});
