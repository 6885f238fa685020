import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { loadSuite } from '../../src/policy-test/load.ts';
import { type Recording, record } from '../../src/policy-test/record.ts';
import { createTrial, type TrialRequest } from '../../src/trial/trial.ts';
import { now, runText, small } from './world.ts';

const example = fileURLToPath(new URL('../../examples/policy-tests/', import.meta.url));
const exampleText = readFileSync(join(example, 'peerproof.yaml'), 'utf8');

async function* linesOf(lines: readonly string[]) {
  yield* lines;
}

/** The lines that the service would write about these requests. */
async function logOf(config: string, requests: readonly TrialRequest[]): Promise<readonly string[]> {
  const trial = createTrial(parseWithoutFiles(config, 'c.yaml'), now);
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line: string) => lines.push(line) } as never);
  for (const request of requests) {
    const evidence = await trial.evidence(request);
    log(await trial.decide(request), evidence, 'grpc', 1, now);
  }
  return lines;
}

async function passes(t: ExecutionContext, { text, tests }: Recording, config: string): Promise<void> {
  const own = text.replace(/^config: .*\n/m, '');
  const { output, exitCode, problems } = await runText(t, own, { config });
  t.is(exitCode, 0, `${output}\n${problems.join('\n')}\n${text}`);
  t.is(output, `t.yaml: ${tests} ${tests === 1 ? 'test' : 'tests'}, all passed`);
}

test('record – a log of the example becomes tests that pass at once', async (t) => {
  const { cases } = loadSuite(join(example, 'orders.test.yaml'), undefined, now);
  const lines = await logOf(
    exampleText,
    cases.map(({ request }) => request),
  );
  const recording = await record(
    linesOf([...lines, ...lines, 'another line']),
    parseWithoutFiles(exampleText, 'c.yaml'),
    now,
  );
  t.is(recording.decisions, 2 * cases.length);
  await passes(t, recording, exampleText);
  // The two that depend on a header, and on nothing else that the log holds.
  t.is(recording.tests + recording.leftOut, cases.length);
  t.regex(
    recording.text,
    /# - POST orders\.example\.com\/orders: allow \(allowed\): the log does not say enough/,
  );
  t.is(recording.leftOut, 2, recording.text);
});

test('record – a document that Peerproof served becomes a test that expects it', async (t) => {
  const config = `${small}resourceMetadata: [{resource: "https://orders.example"}]\n`;
  const path = '/.well-known/oauth-protected-resource';
  const lines = await logOf(config, [{ method: 'GET', host: 'orders.example', path }]);
  const recording = await record(linesOf(lines), parseWithoutFiles(config, 'c.yaml'), now);
  t.is(recording.tests, 1, recording.text);
  t.regex(recording.text, /effect: answer/);
  await passes(t, recording, config);
});

const key = '{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}';
const config = `
issuers:
  login: {issuer: "https://login.example", audiences: [orders], jwks: {keys: [${key}]}}
  strict: {issuer: "https://strict.example", audiences: [orders], accept: at+jwt, jwks: {keys: [${key}]}}
  cluster: {issuer: "https://cluster.example", audiences: [orders], kubernetes: {verify: tokenReview, apiServer: "https://api.example"}, ca: ca.pem}
  opaque: {audiences: [orders], introspection: {endpoint: "https://opaque.example/introspect", clientId: me, clientSecretFile: secret}}
  workloads: {audiences: [orders], accept: jwt-svid, trustDomain: cluster.local, bundleEndpoint: "https://spire.example"}
peers: {gateways: ["spiffe://cluster.local/ns/ingress/sa/gateway"], trustDomains: {cluster.local: {bundle: ca.pem}}}
clients: {shop: ["spiffe://cluster.local/ns/web/sa/shop"]}
rules:
  - {name: opaque, match: {paths: [/opaque]}, require: {issuers: [opaque]}}
  - {name: strict, match: {paths: [/strict]}, require: {issuers: [strict]}}
  - {name: pods, match: {paths: [/pods]}, require: {pods: [web/shop-1]}}
  - {name: workloads, match: {paths: [/workloads]}, require: {issuers: [workloads]}}
  - {name: claims, match: {paths: [/claims]}, require: {claims: {tenant: [acme, globex], /realm/role: admin}}}
  - {name: context, match: {paths: [/context], context: {team: a}, ports: [8080]}, require: {issuers: [login], binding: [none]}}
  - {name: token, match: {methods: [POST], paths: [/token]}, require: {credential: client-assertion, issuers: [cluster]}}
  - {name: mtls, match: {methods: [POST], paths: [/mtls]}, require: {credential: client-certificate}}
  - {name: keyed, match: {paths: [/keyed]}, require: {binding: [dpop]}}
  - {name: observed, match: {paths: [/observed]}, mode: observe, require: {scopes: [x]}}
  - {name: open, require: {binding: [none, certificate]}}
`;
const shop = { spiffeId: 'spiffe://cluster.local/ns/web/sa/shop' };
const get: TrialRequest = { method: 'GET', host: 'orders.example', path: '/', peer: shop };
const account = 'system:serviceaccount:web:shop';
const pod = { namespace: 'web', serviceaccount: { name: 'shop' }, pod: { name: 'shop-1' } };

const rebuilt: readonly (readonly [string, Partial<TrialRequest>])[] = [
  ['an opaque token', { path: '/opaque', token: { issuer: 'opaque', bound: true } }],
  [
    'a token that follows RFC 9068',
    { path: '/strict', token: { issuer: 'strict', claims: { client_id: 'shop' } } },
  ],
  [
    'a token of a pod',
    { path: '/pods', token: { issuer: 'cluster', claims: { sub: account, 'kubernetes.io': pod } } },
  ],
  ['a JWT-SVID', { path: '/workloads', token: { issuer: 'workloads', claims: { sub: shop.spiffeId } } }],
  [
    'claims',
    {
      path: '/claims',
      token: { issuer: 'login', claims: { tenant: 'globex', realm: { role: 'admin' } }, bound: true },
    },
  ],
  [
    'a context and a port',
    { path: '/context', context: { team: 'a' }, port: 8080, token: { issuer: 'login' } },
  ],
  [
    'a client assertion',
    {
      method: 'POST',
      path: '/token',
      token: { issuer: 'cluster', claims: { sub: account }, clientId: 'shop' },
    },
  ],
  ['a client certificate', { method: 'POST', path: '/mtls', client: 'shop' }],
  ['a DPoP proof', { path: '/keyed', token: { issuer: 'login', dpop: true } }],
  ['a certificate without a SPIFFE ID', { peer: {}, token: { issuer: 'login', bound: true } }],
  ['a token without a subject', { token: { issuer: 'login', claims: { sub: null, scope: 'a b' } } }],
  [
    'a sender behind a gateway',
    {
      peer: { ...shop, via: 'spiffe://cluster.local/ns/ingress/sa/gateway' },
      token: { issuer: 'login', bound: true },
    },
  ],
  [
    'a token that an observed rule would refuse',
    { path: '/observed', token: { issuer: 'login', claims: { exp: 1 } } },
  ],
  ['a scope that an observed rule misses', { path: '/observed', token: { issuer: 'login', bound: true } }],
  ['no token', {}],
  ['an expired token', { token: { issuer: 'login', claims: { exp: 1 } } }],
  ['a token for later', { token: { issuer: 'login', claims: { nbf: 9e9 } } }],
  ['a token for another audience', { token: { issuer: 'login', claims: { aud: 'x' } } }],
  ['a token of another issuer', { token: { issuer: 'login', claims: { iss: 'x' } } }],
  ['a token without a signature', { token: { issuer: 'login', header: { alg: 'none' } } }],
  ['a token that the issuer does not know', { headers: { authorization: 'Bearer x' } }],
  ['a token that is malformed', { headers: { authorization: 'Bearer eyJ.x.y' } }],
  ['a header that is malformed', { headers: { authorization: 'Bearer x y' } }],
  [
    'a token of another certificate',
    { token: { issuer: 'login', claims: { cnf: { 'x5t#S256': 'B'.repeat(43) } } } },
  ],
  ['a path with two readings', { path: '//a' }],
  ['a host that is none', { host: 'a b' }],
];

for (const [what, changes] of rebuilt)
  test(`record – rebuilds ${what}`, async (t) => {
    const lines = await logOf(config, [{ ...get, ...changes }]);
    const recording = await record(linesOf(lines), parseWithoutFiles(config, 'c.yaml'), now);
    t.is(recording.tests, 1, `${lines}\n${recording.text}`);
    await passes(t, recording, config);
  });

test('record – says what was made up', async (t) => {
  const [, , , , [, changes] = []] = rebuilt;
  const lines = await logOf(config, [{ ...get, ...changes }]);
  const { text } = await record(linesOf(lines), parseWithoutFiles(config, 'c.yaml'), now);
  t.regex(text, /# Made up: the claims tenant, \/realm\/role are from the rule\./);
});

const line = { effect: 'deny', reason: 'no_rule', method: 'GET', host: 'orders.example', path: '/' };

test('record – hostile texts of a log end neither a comment nor a string', async (t) => {
  const texts = [
    'a\n- b: c',
    '"x',
    "'",
    '# x',
    '*a',
    '&a',
    '!!js',
    '\u001b[2J',
    '\u2028',
    '{',
    '%0A',
    '__proto__',
  ];
  const lines = texts.flatMap((text) => [
    JSON.stringify({ ...line, host: text, path: text, reason: text }),
    JSON.stringify({
      ...line,
      reason: 'request_malformed',
      host: text,
      path: text,
      spiffe_id: text,
      method: text,
      destination: text,
    }),
    JSON.stringify({
      ...line,
      reason: 'token_missing',
      rule: 'open',
      subject: text,
      client_id: text,
      path: `/${text}`,
    }),
  ]);
  const recording = await record(linesOf(lines), parseWithoutFiles(config, 'c.yaml'), now);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  t.notRegex(recording.text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  t.is(recording.tests + recording.leftOut, lines.length);
  t.true(recording.tests > 0);
  await passes(t, recording, config);
});

test('record – an outage and a text that was cut have no test', async (t) => {
  const lines = [
    { ...line, effect: 'unavailable', reason: 'issuer_unavailable' },
    { ...line, path: `/${'a'.repeat(512)}…` },
  ].map((one) => JSON.stringify(one));
  const { tests, leftOut, text } = await record(linesOf(lines), parseWithoutFiles(config, 'c.yaml'), now);
  t.deepEqual([tests, leftOut], [0, 2]);
  t.regex(text, /a test has no outages/);
});
