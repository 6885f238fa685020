import test from 'ava';
import { parseWithoutFiles } from '../../src/config/load.ts';
import type { RefusalReason } from '../../src/core/reasons.ts';
import { createTrial, type TrialRequest } from '../../src/trial/trial.ts';

const now = Date.UTC(2026, 0, 1);
const client = 'spiffe://cluster.local/ns/web/sa/shop';
const service = 'system:serviceaccount:web:shop';

const text = (peers: string) => `
issuers:
  login: {issuer: "https://login.example", audiences: [orders], jwks: {keys: [${publicKey()}]}}
  strict: {issuer: "https://strict.example", audiences: [orders], accept: at+jwt, jwks: {keys: [${publicKey()}]}}
  cluster: {issuer: "https://cluster.example", audiences: [orders], kubernetes: {verify: tokenReview, apiServer: "https://api.example"}, ca: ca.pem}
  opaque: {audiences: [orders], introspection: {endpoint: "https://opaque.example/introspect", clientId: me, clientSecretFile: secret}}
  workloads: {audiences: [orders], accept: jwt-svid, trustDomain: cluster.local, bundleEndpoint: "https://spire.example"}
peers: {${peers}trustDomains: {cluster.local: {bundle: ca.pem}}}
clients: {shop: [${client}]}
rules:
  - {name: orders, match: {hosts: [orders.example], methods: [GET]}, require: {scopes: [read], issuers: [login, strict, opaque]}}
  - {name: keyed, match: {hosts: [keyed.example]}, require: {binding: [dpop]}}
  - {name: accounts, match: {hosts: [accounts.example]}, require: {serviceAccounts: [web/shop]}}
  - {name: workloads, match: {hosts: [workloads.example]}, require: {issuers: [workloads]}}
  - {name: token, match: {hosts: [token.example]}, require: {issuers: [cluster], credential: client-assertion}}
  - {name: spiffe, match: {hosts: [spiffe.example]}, require: {credential: client-assertion, authorizationServer: orders}}
  - {name: mtls, match: {hosts: [mtls.example]}, require: {credential: client-certificate}}
`;

function publicKey(): string {
  return '{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}';
}

function create(peers = '') {
  return createTrial(parseWithoutFiles(text(peers), 'trial.yaml'), now);
}

const request: TrialRequest = {
  method: 'GET',
  host: 'orders.example',
  path: '/',
  peer: { spiffeId: client },
};
const allowed: readonly (readonly [string, Partial<TrialRequest>])[] = [
  ['a bound JWT', { token: { issuer: 'login', claims: { scope: 'read' }, bound: true } }],
  [
    'a JWT of each algorithm of its issuer',
    { token: { issuer: 'login', claims: { scope: 'read' }, header: { alg: 'ES384' }, bound: true } },
  ],
  ['a JWT of a registered client', { token: { issuer: 'login', claims: { scope: 'read', azp: 'shop' } } }],
  [
    'a JWT that follows RFC 9068',
    { token: { issuer: 'strict', claims: { scope: 'read', client_id: 'shop' } } },
  ],
  ['an opaque token', { token: { issuer: 'opaque', claims: { scope: 'read' }, bound: true } }],
  [
    'a ServiceAccount token',
    { host: 'accounts.example', token: { issuer: 'cluster', claims: { sub: service } } },
  ],
  [
    'a JWT with a DPoP proof',
    { host: 'keyed.example', path: '/a?b', token: { issuer: 'login', dpop: true } },
  ],
  ['an opaque token with a DPoP proof', { host: 'keyed.example', token: { issuer: 'opaque', dpop: true } }],
  ['a JWT-SVID', { host: 'workloads.example', token: { issuer: 'workloads', claims: { sub: client } } }],
  [
    'a client assertion',
    {
      host: 'token.example',
      method: 'POST',
      token: { issuer: 'cluster', claims: { sub: service }, clientId: 'shop' },
    },
  ],
  [
    'a jwt-spiffe assertion',
    {
      host: 'spiffe.example',
      method: 'POST',
      token: { issuer: 'workloads', claims: { sub: client, aud: 'orders' }, assertion: 'jwt-spiffe' },
    },
  ],
  ['a client certificate', { host: 'mtls.example', method: 'POST', client: 'shop' }],
];

for (const source of ['', 'from: [xfcc], ', 'from: [x-client-certificate], '])
  for (const [what, changes] of allowed)
    test(`trial – ${source || 'by default'} allows ${what}`, async (t) => {
      const decision = await create(source).decide({ ...request, ...changes });
      t.is(decision.reason, 'allowed', JSON.stringify(decision));
    });

const denied: readonly (readonly [RefusalReason, Partial<TrialRequest>])[] = [
  ['no_rule', { method: 'POST' }],
  ['token_missing', {}],
  ['scope_missing', { token: { issuer: 'login', claims: {}, bound: true } }],
  ['token_expired', { token: { issuer: 'login', claims: { scope: 'read', exp: 1 }, bound: true } }],
  [
    'token_claim_malformed',
    { token: { issuer: 'login', claims: { scope: 'read', exp: null }, bound: true } },
  ],
  ['token_audience_mismatch', { token: { issuer: 'login', claims: { aud: 'other' }, bound: true } }],
  [
    'token_algorithm_not_allowed',
    { token: { issuer: 'login', claims: { scope: 'read' }, header: { alg: 'none' }, bound: true } },
  ],
  [
    'binding_certificate_mismatch',
    { token: { issuer: 'login', claims: { cnf: { 'x5t#S256': 'A'.repeat(43) } } } },
  ],
  ['binding_peer_missing', { peer: undefined, token: { issuer: 'login', bound: true } }],
  [
    'service_account_not_allowed',
    { host: 'accounts.example', token: { issuer: 'login', claims: { scope: 'read' }, bound: true } },
  ],
  [
    'binding_workload_mismatch',
    {
      host: 'accounts.example',
      peer: { spiffeId: 'spiffe://cluster.local/ns/web/sa/other' },
      token: { issuer: 'cluster', claims: { sub: service } },
    },
  ],
];

for (const [reason, changes] of denied)
  test(`trial – denies: ${reason}`, async (t) => {
    const decision = await create().decide({ ...request, ...changes });
    t.is(decision.reason, reason, JSON.stringify(decision));
  });

test('trial – a rotated certificate has another thumbprint', async (t) => {
  const trial = create();
  const evidence = await trial.evidence({ ...request, peer: { spiffeId: client, certificate: 'next' } });
  t.not(evidence.peer.certificate, (await trial.evidence(request)).peer.certificate);
});

test('trial – an unknown issuer is a mistake of the caller', async (t) => {
  await t.throwsAsync(create().decide({ ...request, token: { issuer: 'nobody' } }), {
    message: /no issuer "nobody"/,
  });
});

test('trial – a connection is judged by the rules for TCP', async (t) => {
  const destination = 'spiffe://cluster.local/ns/data/sa/database';
  const rule = `  - {name: database, match: {protocol: tcp, destinations: ["${destination}"], ports: [5432]}, require: {peers: ["${client}"]}}`;
  const trial = createTrial(parseWithoutFiles(`${text('')}${rule}\n`, 'trial.yaml'), now);
  const connection: TrialRequest = { ...request, protocol: 'tcp', destination, port: 5432 };
  t.is((await trial.decide(connection)).reason, 'allowed');
  t.is((await trial.decide({ ...connection, port: 80 })).reason, 'no_rule');
  t.is((await trial.decide({ ...connection, peer: undefined })).reason, 'peer_missing');
});

test('trial – other rules judge the same evidence', async (t) => {
  const loaded = parseWithoutFiles(text(''), 'trial.yaml');
  const trial = createTrial(loaded, now);
  const evidence = await trial.evidence({ ...request, token: { issuer: 'login', bound: true } });
  t.is((await trial.judgeRules(loaded.config.rules)(evidence)).reason, 'scope_missing');
  const [orders] = loaded.config.rules;
  const open = { ...orders!, require: { ...orders!.require!, scopes: [] } };
  t.is((await trial.judgeRules([open])(evidence)).reason, 'allowed');
  t.is((await trial.judgeRules([])(evidence)).reason, 'no_rule');
});

for (const source of ['', 'from: [xfcc], '])
  test(`trial – ${source || 'by default'} a sender can come through a gateway`, async (t) => {
    const gateway = 'spiffe://cluster.local/ns/ingress/sa/gateway';
    const trial = create(`${source}gateways: ["${gateway}"], `);
    const token = { issuer: 'login', claims: { scope: 'read' }, bound: true };
    const { found, reason } = await trial.decide({
      ...request,
      token,
      peer: { spiffeId: client, via: gateway },
    });
    t.is(reason, 'allowed');
    t.is(found.peer?.spiffeId?.uri, client);
    t.is(found.peer?.via?.uri, gateway);
    const other = 'spiffe://cluster.local/ns/ingress/sa/other';
    const forged = await trial.decide({ ...request, token, peer: { spiffeId: client, via: other } });
    t.is(forged.reason, 'binding_certificate_mismatch');
  });

test('trial – a token can be bound to the certificate of another sender', async (t) => {
  const token = {
    issuer: 'login',
    claims: { scope: 'read' },
    bound: { spiffeId: client, certificate: 'old' },
  };
  t.is((await create().decide({ ...request, token })).reason, 'binding_certificate_mismatch');
  const peer = { spiffeId: client, certificate: 'old' };
  t.is((await create().decide({ ...request, token, peer })).reason, 'allowed');
});

test('trial – a workload identity token comes with its proof, for each target that is configured', async (t) => {
  const config = (wit: string) => `
issuers:
  wits: {accept: wit, trustDomain: cluster.local, jwks: {keys: [${publicKey()}]}}
wit: ${wit}
rules: [{name: wit, require: {credential: wit}}]
`;
  const decide = (wit: string, more: Partial<TrialRequest> = {}) =>
    createTrial(parseWithoutFiles(config(wit), 'trial.yaml'), now).decide({
      ...{ method: 'GET', host: 'orders.example', path: '/a?b=c', token: { issuer: 'wits' } },
      ...more,
    });
  const origins = 'origins: {orders.example: https://api.example/orders}';
  for (const wit of [`{${origins}}`, '{audiences: [orders]}', `{${origins}, drafts: [wpt-01]}`]) {
    const { reason, found } = await decide(wit);
    t.is(reason, 'allowed', wit);
    t.is(found.boundBy, 'wit');
    t.is(found.token?.subject, 'spiffe://cluster.local/ns/default/sa/default');
  }
  t.is((await decide(`{${origins}}`, { host: 'other.example' })).reason, 'proof_target_mismatch');
  const claims = { sub: 'spiffe://evil.example/a' };
  const foreign = await decide('{audiences: [orders]}', { token: { issuer: 'wits', claims } });
  t.is(foreign.reason, 'token_issuer_unknown');
});
