import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createCheckWorld, type Presented } from '../support/check-world.ts';
import { isAllowed, type isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';

/** The token request with a ServiceAccount token of a real API server as its assertion. */
const recordedAt = 1_795_361_800_000;
const read = (name: string) =>
  readFileSync(new URL(`../fixtures/kubernetes/${name}`, import.meta.url), 'utf8').trim();
const spiffe = (namespace: string, name: string) => `spiffe://cluster.local/ns/${namespace}/sa/${name}`;
const oauthclient = spiffe('applications', 'oauthclient');
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const accessTokens = createSigner('ES256');

const config: ConfigInput = {
  issuers: {
    cluster: {
      issuer: 'https://127.0.0.1:6443',
      jwks: JSON.parse(read('jwks.json')),
      accept: 'service-account',
      audiences: ['https://as.example.com'],
    },
    corp: {
      issuer: 'https://as.example.com',
      jwks: { keys: [accessTokens.publicJwk] },
      audiences: ['https://as.example.com'],
    },
  },
  peers: { trustDomains: { 'cluster.local': {} } },
  clients: {
    oauthclient: [oauthclient],
    another: [spiffe('applications', 'another')],
    'corp-only': { workloads: [oauthclient], issuers: ['corp'] },
  },
  rules: [
    {
      name: 'token-endpoint',
      match: { methods: ['POST'], paths: ['/token'] },
      require: { credential: 'client-assertion' },
    },
  ],
};
const world = await createCheckWorld(config, { now: recordedAt });

const token = read('sa-oauthclient.jwt');
const parameters = {
  grant_type: 'client_credentials',
  client_id: 'oauthclient',
  client_assertion: token,
  client_assertion_type: type,
  scope: 'products',
};
const form = (changes: object = {}) => new URLSearchParams({ ...parameters, ...changes }).toString();
const ask = ({ headers, ...more }: Presented = {}) =>
  world.check({
    method: 'POST',
    path: '/token',
    principal: oauthclient,
    body: form(),
    ...more,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

test('client assertion – passes from the workload it belongs to, for its registered client (RFC 7523 §2.2)', async (t) => {
  const answer = await ask();
  isAllowed(t, answer);
  t.like(answer.decision.found, {
    boundBy: 'workload',
    token: { clientId: 'oauthclient', kind: 'service-account' },
  });
});

test('client assertion – passes in the spelling of curl -d, with raw colons', async (t) => {
  const body = Object.entries(parameters)
    .map((pair) => pair.join('='))
    .join('&');
  isAllowed(t, await ask({ body }));
  isAllowed(
    t,
    await ask({ headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' } }),
  );
});

const refused: [string, Presented, Parameters<typeof isRefused>[2]][] = [
  [
    'stolen: sent by another workload',
    { principal: spiffe('applications', 'thief') },
    'binding_workload_mismatch',
  ],
  [
    'a client that is registered for another workload',
    { body: form({ client_id: 'another' }) },
    'client_not_registered',
  ],
  ['a client that nobody registered', { body: form({ client_id: 'unknown' }) }, 'client_not_registered'],
  ['a client of another issuer', { body: form({ client_id: 'corp-only' }) }, 'client_not_registered'],
  ['no client_id', { body: form().replace('client_id=oauthclient&', '') }, 'client_not_registered'],
  ['no assertion', { body: form({ client_assertion: '' }) }, 'assertion_missing'],
  ['no body in the check', { body: '' }, 'assertion_missing'],
  [
    'another type of assertion',
    { body: form({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }) },
    'assertion_type_unsupported',
  ],
  ['a second assertion', { body: `${form()}&client_assertion=${token}` }, 'assertion_ambiguous'],
  [
    'a second assertion whose name is escaped',
    { body: `${form()}&client%5Fassertion=${token}` },
    'assertion_ambiguous',
  ],
  ['a second client_id', { body: `${form()}&client_id=another` }, 'assertion_ambiguous'],
  ['a second type', { body: `${form()}&client_assertion_type=${type}` }, 'assertion_ambiguous'],
  ['client_id in the query too', { path: '/token?client_id=another' }, 'assertion_ambiguous'],
  [
    'a client secret beside it (RFC 6749 §2.3)',
    { body: form({ client_secret: 'x' }) },
    'assertion_ambiguous',
  ],
  [
    'Basic beside it (RFC 6749 §2.3)',
    { headers: { authorization: 'Basic b3RoZXI6eA==' } },
    'assertion_ambiguous',
  ],
  ['a body that was cut off', { headers: { 'x-envoy-auth-partial-body': 'true' } }, 'body_unreadable'],
  ['a body of another type', { headers: { 'content-type': 'application/json' } }, 'body_unreadable'],
  ['a body without a type', { headers: { 'content-type': '' } }, 'body_unreadable'],
  ['a form with ; as a separator', { body: form().replaceAll('&', ';') }, 'body_unreadable'],
  ['a form with a broken escape', { body: `${form()}&x=%zz` }, 'body_unreadable'],
  ['a form with a NUL', { body: `${form()}&x=\0` }, 'body_unreadable'],
  [
    'an assertion for another audience',
    { body: form({ client_assertion: read('sa-oauthclient-wrongaud.jwt') }) },
    'token_audience_mismatch',
  ],
  [
    'an assertion that was edited',
    { body: form({ client_assertion: `${token.slice(0, -4)}AAAA` }) },
    'token_signature_invalid',
  ],
  ['an assertion that is no JWT', { body: form({ client_assertion: 'opaque' }) }, 'token_malformed'],
  [
    'a bearer token instead',
    { body: form({ client_assertion: '' }), headers: { authorization: `Bearer ${token}` } },
    'assertion_missing',
  ],
];
for (const [title, presented, reason] of refused)
  test(`client assertion – refuses ${title}`, async (t) => {
    const answer = await ask(presented);
    t.is(answer.decision.reason, reason, 'detail' in answer.decision ? answer.decision.detail : '');
    t.is(answer.response.okResponse, undefined);
    // A token endpoint answers in the terms of RFC 6749 §5.2, and asks for no bearer token.
    const { headers, body } = answer.response.deniedResponse ?? {};
    t.false(headers?.some(({ header }) => header?.key === 'www-authenticate'));
    t.regex(JSON.parse(body ?? '').error, /^invalid_(?:client|request)$/);
    t.false(JSON.stringify(answer.response).includes(token.slice(-20)));
  });

test('client assertion – an access token is not accepted as one, even of the workload itself', async (t) => {
  const claims = {
    iss: 'https://as.example.com',
    aud: 'https://as.example.com',
    exp: recordedAt / 1000 + 60,
    sub: oauthclient,
  };
  const answer = await ask({ body: form({ client_assertion: accessTokens.sign(claims) }) });
  t.is(answer.decision.reason, 'token_type_not_allowed');
});

test('client assertion – an assertion that is not a JWT is sent to no issuer, even if the rule accepts opaque tokens', async (t) => {
  const opaque = {
    // No server listens there, so a question would be an outage.
    introspection: { endpoint: 'http://127.0.0.1:9/introspect', clientId: 'a', clientSecretFile: 'secret' },
    audiences: ['https://as.example.com'],
  };
  const directory = mkdtempSync(join(tmpdir(), 'peerproof-assertion-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const secret = join(directory, 'secret');
  writeFileSync(secret, 'x');
  opaque.introspection.clientSecretFile = secret;
  const asking = await createCheckWorld(
    { ...config, issuers: { ...config.issuers, opaque } },
    { now: recordedAt },
  );
  const body = form({ client_assertion: 'opaque' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await asking.check({
    method: 'POST',
    path: '/token',
    principal: oauthclient,
    body,
    headers,
  });
  t.is(answer.decision.reason, 'token_malformed');
  t.is(asking.issuers.find(({ issuer }) => issuer.name === 'opaque')?.state().asked?.asked, 0);
});

test('client assertion – binding none cannot be configured for it', async (t) => {
  const [rule] = config.rules;
  const rules = [
    {
      ...rule,
      name: 'open',
      require: { credential: 'client-assertion' as const, binding: ['none' as const] },
    },
  ];
  await t.throwsAsync(createCheckWorld({ ...config, rules }, { now: recordedAt }), {
    message: /client assertion is only accepted/,
  });
});
