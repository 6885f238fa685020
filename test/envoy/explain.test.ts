import test from 'ava';
import { parseWithoutFiles } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { RefusalReason } from '../../src/core/reasons.ts';
import { parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { explainRecorded } from '../../src/explain/explanation.ts';
import { readRecorded } from '../../src/explain/likewise.ts';
import { reportText } from '../../src/explain/report.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, type MeshParts, type Send, startMesh } from '../support/mesh.ts';
import { configText } from '../support/peerproof.ts';
import { sidecarListener } from '../support/transports.ts';

/** Refusals that a real Envoy brings about. The line in the log is all that explain gets. */

const stranger = createSigner('ES256');
const rs512 = createSigner('RS512');
const nobody = 'https://127.0.0.1:9';
let mesh: Mesh;
let text: string;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: (parts) => {
      const config = configFor(parts);
      text = configText(config);
      return config;
    },
    listeners: (parts) => [
      sidecarListener('grpc-certificate', parts, { withRequestBody: { maxRequestBytes: 8_192 } }),
    ],
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const rule = (name: string, require: object = {}) => ({ name, match: { paths: [`/${name}/**`] }, require });

function configFor({ issuer, signer }: MeshParts): ConfigInput {
  const jwks = { keys: [signer.publicJwk, rs512.publicJwk] };
  const here = (iss: string, more: object = {}) => ({ issuer: iss, audiences: ['orders'], jwks, ...more });
  return {
    issuers: {
      corp: { issuer: issuer.issuer, audiences: ['orders'] },
      partner: here('https://partner.example.net', { algorithms: ['ES256'] }),
      strict: here('https://strict.example.com', { accept: 'at+jwt' }),
      cluster: here('https://cluster.example.com', { accept: 'service-account' }),
      opaque: {
        audiences: ['orders'],
        timeout: '1s',
        introspection: {
          endpoint: `${nobody}/introspect`,
          clientId: 'me',
          clientSecretFile: import.meta.filename,
        },
      },
      reviewed: {
        issuer: 'https://reviewed.example.com',
        audiences: ['orders'],
        timeout: '1s',
        kubernetes: { verify: 'tokenReview', apiServer: nobody, tokenFile: import.meta.filename },
      },
      dead: { issuer: nobody, audiences: ['orders'], timeout: '1s' },
    },
    peers: { trustDomains: { 'cluster.local': {} } },
    clients: { 'orders-client': [IDS.client] },
    limits: { tokenLength: 2_048 },
    rules: [
      {
        name: 'read',
        match: { methods: ['GET'], paths: ['/orders/**'] },
        require: { scopes: ['orders.read'] },
      },
      rule('opaque', { issuers: ['opaque'] }),
      rule('peers', { peers: [IDS.payments], binding: ['none'] }),
      rule('bearer', { binding: ['none'] }),
      rule('bound', { binding: ['certificate'] }),
      rule('corp', { issuers: ['corp'] }),
      rule('tenant', { claims: { tenant: 'blue' } }),
      rule('account', { issuers: ['cluster'], serviceAccounts: ['applications/orders'] }),
      rule('people', { emails: ['ann@example.com'] }),
      rule('office', { when: "claims.floor == 'third'" }),
      {
        name: 'token',
        match: { methods: ['POST'], paths: ['/token'] },
        require: { credential: 'client-assertion' },
      },
    ],
  } as ConfigInput;
}

interface EnvoyCase {
  readonly send: (mesh: Mesh) => Send;
  /** In the report on the line. */
  readonly words: RegExp;
  /** In the lines that the proposed change adds. */
  readonly change?: RegExp;
}

const read = (claims: object, words: RegExp, change?: RegExp, more: Send = {}): EnvoyCase => ({
  send: (all) => ({
    who: 'client',
    path: '/orders/7',
    token: all.mint({ scope: 'orders.read', ...claims }),
    ...more,
  }),
  words,
  ...(change && { change }),
});
const at = (path: string, claims: object, words: RegExp, change?: RegExp) =>
  read(claims, words, change, { path });
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

const cases: Partial<Readonly<Record<RefusalReason, EnvoyCase>>> = {
  path_ambiguous: at('/orders//7', {}, /an empty segment/),
  no_rule: read({}, /not read: method DELETE is not GET/, /DELETE/, { method: 'DELETE' }),
  peer_missing: read({}, /spiffe:.*payments/, undefined, { path: '/peers/1', who: undefined }),
  peer_not_allowed: at('/peers/1', {}, /the peer is spiffe:.*\/client/, /sa\/client/),
  peer_trust_domain_not_allowed: read({}, /evil\.example/, /evil\.example/, {
    path: '/bearer/1',
    who: 'foreign',
  }),
  token_missing: { send: () => ({ who: 'client', path: '/orders/7' }), words: /no access token/ },
  authorization_malformed: {
    send: () => ({ who: 'client', path: '/orders/7', headers: [['authorization', 'Bearer "x"']] }),
    words: /authorization_malformed/,
  },
  authorization_ambiguous: read({}, /several Authorization/, undefined, {
    headers: [['authorization', 'Bearer second']],
  }),
  body_unreadable: {
    send: () => ({ ...form({ a: 'b' }), headers: [['content-type', 'text/plain']] }),
    words: /not a form/,
  },
  assertion_type_unsupported: {
    send: (all) => form({ client_id: 'orders-client', client_assertion: all.mint(account) }),
    words: /not jwt-bearer/,
  },
  client_not_registered: {
    send: (all) =>
      form({ client_id: 'kiosk', client_assertion: all.mint(account), client_assertion_type: assertionType }),
    words: /kiosk.*not registered/,
    change: /kiosk/,
  },
  introspection_unavailable: {
    send: () => ({ who: 'client', path: '/opaque/1', token: 'opaque' }),
    words: /introspection endpoint did not answer/,
  },
  api_server_unavailable: read({ iss: 'https://reviewed.example.com' }, /did not answer a TokenReview/),
  assertion_missing: { send: () => form({ client_id: 'orders-client' }), words: /no client_assertion/ },
  assertion_ambiguous: { send: () => form({ client_secret: 'x' }), words: /client secret/ },
  token_too_large: read({ big: 'x'.repeat(2_000) }, /more than 2048/, /tokenLength: \d{4}/),
  token_malformed: {
    send: () => ({ who: 'client', path: '/corp/1', token: 'opaque' }),
    words: /not a JWT/,
  },
  token_algorithm_not_allowed: {
    send: (all) => ({ who: 'client', path: '/orders/7', token: all.mint(partner, {}, rs512) }),
    words: /RS512/,
  },
  token_issuer_unknown: read(
    { iss: 'https://partner.example.net/' },
    /partner\.example\.net\//,
    /partner\.example\.net\/$/m,
  ),
  token_key_unknown: {
    send: (all) => ({ who: 'client', path: '/orders/7', token: all.mint({}, {}, stranger) }),
    words: /corp has no key/,
  },
  token_signature_invalid: {
    send: (all) => ({
      who: 'client',
      path: '/orders/7',
      token: all.mint({}, { kid: all.signer.kid }, stranger),
    }),
    words: /the signature does not belong/,
  },
  token_type_not_allowed: read({ iss: 'https://strict.example.com' }, /token_type_not_allowed/),
  token_claim_malformed: read({ exp: undefined }, /exp is missing/),
  token_expired: read({ exp: 1_000 }, /expired 1970/),
  token_not_yet_valid: read({ nbf: later, exp: later + 60 }, /valid from 20/),
  token_audience_mismatch: read({ aud: 'billing' }, /the token is for \["billing"\]/, /billing/),
  token_issuer_not_allowed: at('/corp/1', partner, /does not accept tokens of partner/, /partner/),
  confirmation_malformed: read({ cnf: 'x' }, /cnf is not an object/),
  confirmation_unsupported: read({ cnf: { jkt: 'x' } }, /cnf\.jkt/),
  confirmation_unproven: {
    send: (all) => ({ who: 'client', path: '/bearer/1', token: all.mint({ cnf: cnf(all) }) }),
    words: /the token has a cnf/,
    change: /certificate/,
  },
  binding_peer_missing: {
    send: (all) => ({ path: '/orders/7', token: all.mint({ cnf: cnf(all) }) }),
    words: /no peer was verified/,
  },
  binding_certificate_mismatch: {
    send: (all) => ({ who: 'rotated', path: '/bound/1', token: all.mint({ cnf: cnf(all) }) }),
    words: /thumbprint/,
    change: /workload/,
  },
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
  email_not_allowed: at('/people/1', { email: 'bob@example.com' }, /addresses \[ann@example\.com\]/),
  condition_not_met: at('/office/1', { floor: 'first' }, /condition of the rule office is false/),
  condition_failed: at('/office/1', {}, /condition of the rule office cannot be evaluated/),
  issuer_unavailable: read({ iss: nobody }, /keys of the issuer are missing/),
};

for (const [reason, { send, words, change }] of Object.entries(cases))
  envoyTest(`explain – ${reason}: the line of a request through Envoy`, async (t) => {
    const answer = await mesh.send('grpc-certificate', send(mesh));
    const logged = mesh.decisionOf(answer);
    t.is(logged.reason, reason, logged.detail);
    const loaded = parseWithoutFiles(text, 'peerproof.yaml');
    const line = parseDecisionLine(JSON.stringify(logged));
    const recorded = line && (await readRecorded(line, loaded, Date.now()));
    if (!recorded) throw new TypeError(reason);
    const explanation = await explainRecorded(recorded, false);
    const report = reportText(explanation, false);
    t.regex(report, words);
    // The same answer as the client got.
    t.is(explanation.answer.status, answer.status);
    t.is(explanation.answer.body, answer.body);
    const added = explanation.remedy?.proposals.found[0]?.diff.replace(/^[^+].*\n/gm, '');
    if (change) t.regex(added ?? '', change, report);
  });
