import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { headersAtApplication } from '../../support/proxied-headers.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
type Identity = NonNullable<ConfigInput['identity']>;
const worldOf = (identity: Identity) =>
  createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    identity,
    limits: { tokenLength: 65_536 },
    rules: [{ name: 'public', match: { paths: ['/healthz'] }, public: true }, anyBearer],
  });

/** What the application gets; whatever a client put under any spelling of `x-tenant` was forged. */
async function atApplication(
  identity: Identity,
  claims: Record<string, unknown>,
  sent: Record<string, string> = { 'x-tenant': 'forged', x_tenant: 'forged' },
) {
  const world = await worldOf(identity);
  const answer = await world.check({ token: signer.sign(goodClaims(claims)), headers: sent });
  if (answer.decision.effect !== 'allow') throw new TypeError(answer.decision.reason);
  const { headers = [], headersToRemove = [] } = answer.response.okResponse ?? {};
  const set = headers.map(({ header }) => header?.key ?? '');
  return { headers: headersAtApplication(sent, answer.response), set, removed: headersToRemove };
}

const tenant: Identity = { headers: { 'x-tenant': { claim: 'tenant' } } };
const added: [string, unknown, string | undefined][] = [
  ['a text', 'blue', 'blue'],
  ['an empty text', '', undefined],
  ['a number', 7, '7'],
  ['zero', 0, '0'],
  ['a fraction', 1.5, '1.5'],
  ['true', true, 'true'],
  ['false', false, 'false'],
  ['a list', ['blue', 'red'], 'blue,red'],
  ['an empty list', [], undefined],
  ['a mixed list: its texts', ['blue', 7, null, { a: 1 }, 'red'], 'blue,red'],
  ['a list without texts', [7, true], undefined],
  ['an object', { name: 'blue' }, undefined],
  ['null', null, undefined],
  ['absent', undefined, undefined],
  ['CR and LF', 'a\r\nx-admin: true', 'a%0D%0Ax-admin: true'],
  ['NUL', 'a\0b', 'a%00b'],
  ['letters beyond ASCII', 'Zoë李', 'Zo%C3%AB%E6%9D%8E'],
  ['a percent sign', '100%', '100%25'],
  ['a comma in a text, which is no list', 'a,b', 'a%2Cb'],
  ['a list with that text alone', ['a,b'], 'a%2Cb'],
  ['a list of two', ['a', 'b'], 'a,b'],
  ['a comma in a list', ['a,b', 'c'], 'a%2Cb,c'],
  ['spaces at its ends', ' a ', '%20a%20'],
  ['what is longer than 8192 characters', 'x'.repeat(8_193), undefined],
  ['8192 characters', 'x'.repeat(8_192), 'x'.repeat(8_192)],
  ['40 KB of list', Array(1_300).fill('g'.repeat(29)), undefined],
];
for (const [title, value, expected] of added)
  test(`identity.headers – added from a claim that is ${title}: ${expected?.slice(0, 40) ?? 'removed'}`, async (t) => {
    const { headers, set, removed } = await atApplication(tenant, { tenant: value });
    t.is(headers['x-tenant'], expected);
    t.is(headers.x_tenant, undefined);
    t.true(set.includes('x-tenant') !== removed.includes('x-tenant'));
  });

test('identity.headers – a claim of 64 KB cannot even be a token', async (t) => {
  const world = await worldOf(tenant);
  const answer = await world.check({ token: signer.sign(goodClaims({ tenant: 'x'.repeat(65_536) })) });
  t.is(answer.decision.reason, 'token_too_large');
});

test('identity.headers – added by a JSON pointer (RFC 6901), which sees own members alone', async (t) => {
  const by = (claim: string) => ({ headers: { 'x-tenant': { claim } } });
  const claims = { app: { 'a/b': 'deep', list: ['x'] } };
  t.is((await atApplication(by('/app/a~1b'), claims)).headers['x-tenant'], 'deep');
  t.is((await atApplication(by('/app/list'), claims)).headers['x-tenant'], 'x');
  for (const claim of ['/app/none', '/app/list/0', '/constructor/name', '__proto__', 'toString', 'app.list'])
    t.is((await atApplication(by(claim), claims)).headers['x-tenant'], undefined, claim);
});

test('identity.headers – an added one is managed: on a public route, and without its claim, it is removed', async (t) => {
  const world = await worldOf(tenant);
  const sent = { 'x-tenant': 'forged', 'X-Tenant': 'forged', x_tenant: 'forged', X_TENANT: 'forged' };
  const token = signer.sign(goodClaims({ tenant: 'blue' }));
  const open = await world.check({ token, path: '/healthz', headers: sent });
  t.is(open.decision.reason, 'public');
  t.deepEqual(headersAtApplication(sent, open.response), {});
});

test('identity.headers – every mixed spelling of an added one goes', async (t) => {
  const identity: Identity = { headers: { 'x-my-tenant': { claim: 'tenant' } } };
  const sent = Object.fromEntries(
    ['x-my-tenant', 'x_my_tenant', 'x-my_tenant', 'x_my-tenant', 'X_My-Tenant'].map((name) => [
      name,
      'forged',
    ]),
  );
  const { headers } = await atApplication(identity, { tenant: 'blue' }, sent);
  t.is(headers['x-my-tenant'], 'blue');
  t.false(Object.values(headers).includes('forged'));
});

test('identity.headers – taken over under another name: both are set, each from what was proven', async (t) => {
  const identity: Identity = { headers: { 'x-user': { from: 'x-auth-request-user' } } };
  const { headers } = await atApplication(identity, {}, { 'x-user': 'forged', x_user: 'forged' });
  t.like(headers, { 'x-user': 'alice', 'x-auth-request-user': 'alice' });
  t.false('x_user' in headers);
});

test('identity.headers – renamed: taken over, and the old name dropped', async (t) => {
  const identity: Identity = {
    headers: { 'x-user': { from: 'x-auth-request-user' }, 'x-auth-request-user': false },
  };
  const { headers, removed } = await atApplication(identity, {}, { 'x-auth-request-user': 'forged' });
  t.is(headers['x-user'], 'alice');
  t.false('x-auth-request-user' in headers);
  t.true(removed.includes('x-auth-request-user'));
});

test('identity.headers – one header of a preset can take the value of another, whatever their order', async (t) => {
  const identity: Identity = {
    preset: 'oauth2-proxy',
    headers: {
      'x-auth-request-user': { from: 'x-auth-request-email' },
      'x-auth-request-email': { from: 'x-auth-request-user' },
    },
  };
  const { headers } = await atApplication(identity, { email: 'a@b.example' }, {});
  t.like(headers, { 'x-auth-request-user': 'a@b.example', 'x-auth-request-email': 'alice' });
});

test('identity.headers – dropped is not left alone: it is removed on every allow, also with a value', async (t) => {
  const identity: Identity = { headers: { 'x-auth-request-email': false, 'x-debug': false } };
  const sent = {
    'x-auth-request-email': 'forged',
    'x-debug': 'forged',
    x_debug: 'forged',
    'x-other': 'kept',
  };
  const { headers, set } = await atApplication(identity, { email: 'a@b.example' }, sent);
  t.deepEqual(
    Object.keys(headers).filter((name) => /email|debug/.test(name)),
    [],
  );
  t.is(headers['x-other'], 'kept');
  t.false(set.includes('x-auth-request-email'));
});

test('identity.headers – a preset’s header from another claim, in place of its own', async (t) => {
  const identity: Identity = { headers: { 'x-auth-request-user': { claim: '/employee/number' } } };
  const { headers, set } = await atApplication(identity, { employee: { number: 4711 } });
  t.is(headers['x-auth-request-user'], '4711');
  t.is(set.filter((name) => name === 'x-auth-request-user').length, 1);
});

test('identity.headers – the value is that of the signed claim, never of a header or query with that name', async (t) => {
  const world = await worldOf(tenant);
  const sent = { tenant: 'forged', 'x-tenant': 'forged' };
  const answer = await world.check({
    token: signer.sign(goodClaims()),
    headers: sent,
    path: '/a?tenant=forged',
  });
  isAllowed(t, answer);
  t.false('x-tenant' in headersAtApplication(sent, answer.response));
});

test('identity.claims – the preset reads the person where the settings say', async (t) => {
  const identity: Identity = {
    preset: 'oauth2-proxy',
    claims: { email: 'upn', preferredUsername: '/profile/nick', groups: '/realm_access/roles' },
  };
  const claims = {
    upn: 'a@b.example',
    email: 'other@b.example',
    email_verified: false,
    profile: { nick: 'Al' },
    realm_access: { roles: ['x', 'y'] },
  };
  const { headers } = await atApplication(identity, claims, {});
  t.like(headers, {
    'x-auth-request-email': 'a@b.example',
    'x-forwarded-preferred-username': 'Al',
    'x-forwarded-groups': 'x,y',
    'gap-auth': 'a@b.example',
  });
});

test('identity – the metadata has the person of the settings', async (t) => {
  const world = await worldOf({ claims: { email: 'mail', groups: '/roles' } });
  const { response } = await world.check({
    token: signer.sign(goodClaims({ mail: 'ä@b.example', roles: ['a,b'] })),
  });
  t.like(response.dynamicMetadata?.fields, {
    email: { stringValue: '%C3%A4@b.example' },
    groups: { listValue: { values: [{ stringValue: 'a,b' }] } },
  });
});
