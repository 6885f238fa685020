import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { decisionMetadata } from '../../src/core/identity/metadata.ts';
import type { RefusalReason } from '../../src/core/reasons.ts';
import { createCheckWorld, NOW, type Presented } from '../support/check-world.ts';
import { isAllowed } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';

/** draft-ietf-oauth-spiffe-client-auth-02 before a token endpoint: JWT-SVIDs (§3.1) and X.509-SVIDs (§3.2). */
const server = 'https://as.example.com';
const spiffe = (name: string) => `spiffe://cluster.local/ns/applications/sa/${name}`;
const [shop, till, worker] = [spiffe('shop'), spiffe('till'), spiffe('worker')];
const spiffeType = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';
const spire = createSigner('ES256');
const cluster = createSigner('RS256');

const config: ConfigInput = {
  issuers: {
    spire: {
      issuer: 'https://spire.example.com',
      jwks: { keys: [spire.publicJwk] },
      accept: 'jwt-svid',
      audiences: [server, 'payments'],
    },
    cluster: {
      issuer: 'https://cluster.example.com',
      jwks: { keys: [cluster.publicJwk] },
      accept: 'service-account',
      audiences: [server],
    },
  },
  peers: { trustDomains: { 'cluster.local': {} } },
  clients: {
    shop: [shop],
    'spire-only': { workloads: [till], issuers: ['spire'] },
    first: [worker],
    second: ['spiffe://cluster.local/ns/*/sa/worker'],
    [spiffe('named')]: [spiffe('named')],
    'spiffe://cluster.local/ns/applications/sa/borrowed': [shop],
  },
  rules: [
    {
      name: 'assertion',
      match: { paths: ['/token'] },
      require: { credential: 'client-assertion', authorizationServer: server },
    },
    { name: 'bearer-only', match: { paths: ['/old'] }, require: { credential: 'client-assertion' } },
    { name: 'certificate', match: { paths: ['/mtls'] }, require: { credential: 'client-certificate' } },
    {
      name: 'certificate-of',
      match: { paths: ['/mtls-of'] },
      require: { credential: 'client-certificate', peers: [shop] },
    },
  ],
};
const world = await createCheckWorld(config);
test.after.always(() => world.stop());

const seconds = NOW / 1_000;
const svid = (claims: object = {}) =>
  spire.sign({ sub: shop, aud: server, iat: seconds, exp: seconds + 300, ...claims });
const form = (parts: Record<string, string> = {}) =>
  new URLSearchParams({ grant_type: 'client_credentials', ...parts }).toString();
const asserted = (parts: Record<string, string> = {}) =>
  form({ client_assertion: svid(), client_assertion_type: spiffeType, ...parts });
const ask = ({ headers, ...more }: Presented) =>
  world.check({
    ...{ method: 'POST', path: '/token', principal: shop },
    ...more,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

test('jwt-spiffe – passes without client_id: the client follows from the SPIFFE ID (draft §3.1)', async (t) => {
  const answer = await ask({ body: asserted({ client_id: '' }).replace('client_id=&', '') });
  isAllowed(t, answer);
  t.like(answer.decision.found, { boundBy: 'workload', token: { clientId: 'shop', kind: 'jwt-svid' } });
  t.is((await ask({ body: asserted({ client_id: '' }) })).decision.found.token?.clientId, 'shop');
});

test('jwt-spiffe – passes with the registered client_id, and with aud as a list of one', async (t) => {
  isAllowed(t, await ask({ body: asserted({ client_id: 'shop' }) }));
  isAllowed(t, await ask({ body: asserted({ client_assertion: svid({ aud: [server] }) }) }));
});

test('jwt-spiffe – passes for a client whose ID is its SPIFFE ID', async (t) => {
  const named = spiffe('named');
  const client_assertion = svid({ sub: named });
  for (const parts of [{ client_id: named }, {}]) {
    const answer = await ask({ principal: named, body: asserted({ client_assertion, ...parts }) });
    isAllowed(t, answer);
    t.is(answer.decision.found.token?.clientId, named);
  }
});

test('jwt-spiffe – a client of the issuer alone is derived for its assertion', async (t) => {
  const answer = await ask({ principal: till, body: asserted({ client_assertion: svid({ sub: till }) }) });
  isAllowed(t, answer);
  t.is(answer.decision.found.token?.clientId, 'spire-only');
});

const ofShop = { client_id: 'shop' };
const refused: readonly (readonly [
  title: string,
  presented: Presented,
  reason: RefusalReason,
  detail?: RegExp,
])[] = [
  [
    'a rule that does not name the authorization server',
    { path: '/old', body: asserted(ofShop) },
    'assertion_type_unsupported',
    /authorizationServer/,
  ],
  [
    'another type',
    { body: asserted({ client_assertion_type: `${spiffeType}x` }) },
    'assertion_type_unsupported',
  ],
  [
    'an audience beside the authorization server',
    { body: asserted({ client_assertion: svid({ aud: [server, 'payments'] }) }) },
    'token_audience_mismatch',
    /alone/,
  ],
  [
    'the authorization server twice',
    { body: asserted({ client_assertion: svid({ aud: [server, server] }) }) },
    'token_audience_mismatch',
  ],
  [
    'another audience that the issuer may have',
    { body: asserted({ client_assertion: svid({ aud: 'payments' }) }) },
    'token_audience_mismatch',
    /alone/,
  ],
  [
    'the token endpoint as the audience',
    { body: asserted({ client_assertion: svid({ aud: `${server}/token` }) }) },
    'token_audience_mismatch',
  ],
  [
    'a subject that is no SPIFFE ID',
    { body: asserted({ client_assertion: svid({ sub: 'shop', iss: 'https://spire.example.com' }) }) },
    'token_type_not_allowed',
    /SPIFFE ID/,
  ],
  [
    'the ID of the trust domain',
    { body: asserted({ client_assertion: svid({ sub: 'spiffe://cluster.local' }) }) },
    'token_type_not_allowed',
  ],
  [
    'an assertion without exp',
    { body: asserted({ client_assertion: svid({ exp: undefined }) }) },
    'token_claim_malformed',
  ],
  [
    'an assertion that another workload sends',
    { principal: till, body: asserted(ofShop) },
    'binding_workload_mismatch',
  ],
  ['a client of another workload', { body: asserted({ client_id: 'first' }) }, 'client_not_registered'],
  ['a client that nobody registered', { body: asserted({ client_id: 'nobody' }) }, 'client_not_registered'],
  [
    'the SPIFFE ID of another workload as client_id, though it is registered',
    { body: asserted({ client_id: spiffe('borrowed') }) },
    'client_not_registered',
    /not that of the peer/,
  ],
  [
    'two clients of one workload, and no client_id',
    { principal: worker, body: asserted({ client_assertion: svid({ sub: worker }) }) },
    'client_ambiguous',
    /first.*second/,
  ],
  [
    'a workload without a client',
    {
      principal: spiffe('stranger'),
      body: asserted({ client_assertion: svid({ sub: spiffe('stranger') }) }),
    },
    'client_not_registered',
    /no client/,
  ],
  [
    'an attestation beside it',
    { body: asserted(ofShop), headers: { 'oauth-client-attestation': 'x' } },
    'assertion_ambiguous',
    /attestation/,
  ],
];
for (const [title, presented, reason, detail] of refused)
  test(`jwt-spiffe – refuses ${title}`, async (t) => {
    const { decision, response } = await ask(presented);
    t.is(decision.reason, reason, JSON.stringify(decision));
    if (detail) t.regex('detail' in decision ? (decision.detail ?? '') : '', detail);
    t.is(response.okResponse, undefined);
  });

test('jwt-spiffe – a ServiceAccount token is none, even of the workload itself', async (t) => {
  const account = cluster.sign({
    iss: 'https://cluster.example.com',
    aud: server,
    sub: 'system:serviceaccount:applications:shop',
    exp: seconds + 300,
    'kubernetes.io': { namespace: 'applications', serviceaccount: { name: 'shop' } },
  });
  const { decision } = await ask({ body: asserted({ client_assertion: account }) });
  t.like(decision, { reason: 'token_type_not_allowed' });
});

test('jwt-bearer – keeps its rules in a rule that names the authorization server', async (t) => {
  const bearer = { client_assertion_type: spiffeType.replace('jwt-spiffe', 'jwt-bearer') };
  const two = { ...bearer, client_assertion: svid({ aud: [server, 'payments'] }) };
  isAllowed(t, await ask({ body: asserted({ ...two, ...ofShop }) }));
  t.is((await ask({ body: asserted(two) })).decision.reason, 'client_not_registered');
});

test('client certificate – the peer is the client, with and without client_id (RFC 8705 §2, draft §3.2)', async (t) => {
  for (const path of ['/mtls', '/mtls-of'])
    for (const body of [form(), form(ofShop), form({ client_id: '' })]) {
      const answer = await ask({ path, body });
      isAllowed(t, answer);
      t.like(answer.decision.found, { client: 'shop', boundBy: 'workload', token: undefined });
      t.is(answer.decision.found.peer?.spiffeId?.uri, shop);
    }
});

test('client certificate – the application learns client and peer, and no user', async (t) => {
  const { decision } = await ask({ path: '/mtls', body: form() });
  t.like(decisionMetadata(decision), {
    client_id: 'shop',
    spiffe_id: shop,
    bound_by: 'workload',
    subject: undefined,
  });
  const set = decision.effect === 'allow' ? Object.fromEntries(decision.identity.set) : {};
  t.like(set, { 'x-auth-request-client-id': 'shop', 'x-spiffe-id': shop });
  t.is(set['x-auth-request-user'], undefined);
});

test('client certificate – two clients with one rule do not share an identity', async (t) => {
  const named = spiffe('named');
  const answers = [
    await ask({ path: '/mtls', body: form() }),
    await ask({ path: '/mtls', principal: named, body: form() }),
  ];
  const ids = answers.map(
    ({ decision }) =>
      decision.effect === 'allow' && new Map(decision.identity.set).get('x-auth-request-client-id'),
  );
  t.deepEqual(ids, ['shop', named]);
});

const certificate: readonly (readonly [title: string, presented: Presented, reason: RefusalReason])[] = [
  ['a client of another workload', { body: form({ client_id: 'first' }) }, 'client_not_registered'],
  [
    'a client that is registered at some issuers only',
    { principal: till, body: form({ client_id: 'spire-only' }) },
    'client_not_registered',
  ],
  ['the same without client_id', { principal: till, body: form() }, 'client_not_registered'],
  [
    'the SPIFFE ID of another workload as client_id',
    { body: form({ client_id: spiffe('borrowed') }) },
    'client_not_registered',
  ],
  ['two clients of one workload, and no client_id', { principal: worker, body: form() }, 'client_ambiguous'],
  ['nobody: no certificate', { principal: '', body: form(ofShop) }, 'peer_missing'],
  [
    'a peer of another trust domain',
    { principal: 'spiffe://other.example/ns/applications/sa/shop', body: form(ofShop) },
    'peer_trust_domain_not_allowed',
  ],
  ['a certificate without a SPIFFE ID', { principal: 'CN=shop', body: form(ofShop) }, 'peer_missing'],
  ['an assertion beside it', { body: asserted(ofShop) }, 'assertion_ambiguous'],
  [
    'the type of an assertion beside it',
    { body: form({ ...ofShop, client_assertion_type: spiffeType }) },
    'assertion_ambiguous',
  ],
  [
    'an empty assertion beside it',
    { body: form({ ...ofShop, client_assertion: '' }) },
    'assertion_ambiguous',
  ],
  ['a secret beside it', { body: form({ ...ofShop, client_secret: 'x' }) }, 'assertion_ambiguous'],
  [
    'Basic beside it',
    { body: form(ofShop), headers: { authorization: 'Basic YTpi' } },
    'assertion_ambiguous',
  ],
  ['client_id in the query', { path: '/mtls?client_id=first', body: form() }, 'assertion_ambiguous'],
  ['client_id twice', { body: `${form(ofShop)}&client_id=first` }, 'assertion_ambiguous'],
  ['a disguised client_id', { body: `${form()}&client.id=first` }, 'assertion_ambiguous'],
  [
    'a body that was cut off',
    { body: form(), headers: { 'x-envoy-auth-partial-body': 'true' } },
    'body_unreadable',
  ],
  ['a check without the body', { body: '' }, 'body_unreadable'],
  [
    'a body of another type',
    { body: form(), headers: { 'content-type': 'application/json' } },
    'body_unreadable',
  ],
];
for (const [title, presented, reason] of certificate)
  test(`client certificate – refuses ${title}`, async (t) => {
    const { decision, response } = await ask({ path: '/mtls', ...presented });
    t.is(decision.reason, reason, JSON.stringify(decision));
    t.is(decision.found.client, undefined);
    t.is(response.okResponse, undefined);
    const { headers, body } = response.deniedResponse ?? {};
    t.false(headers?.some(({ header }) => header?.key === 'www-authenticate'));
    t.regex(JSON.parse(body ?? '').error, /^(?:invalid_(?:client|request)|access_denied)$/);
  });

test('client certificate – a registered workload that the rule does not name is refused', async (t) => {
  const { decision } = await ask({ path: '/mtls-of', principal: worker, body: form({ client_id: 'first' }) });
  t.is(decision.reason, 'peer_not_allowed');
});
