import { readFileSync } from 'node:fs';
import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { presetNames } from '../../../src/core/identity/presets.ts';
import { type Answer, createCheckWorld, type Presented } from '../../support/check-world.ts';
import { createDpopClient } from '../../support/dpop-client.ts';
import { isAllowed } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { headersAtApplication } from '../../support/proxied-headers.ts';
import { anyBearer, createTokenWorld, goodClaims, inlineIssuer } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const token = signer.sign(goodClaims());
const rules: ConfigInput['rules'] = [
  { name: 'public', match: { paths: ['/healthz'] }, public: true },
  { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['admin'], binding: ['none'] } },
  anyBearer,
];
const worldOf = (identity: ConfigInput['identity']) =>
  createCheckWorld({ issuers: { corp: inlineIssuer([signer]) }, identity, rules });
const off = await worldOf({});
const accessToken = await worldOf({ passAccessToken: true });
const authorization = await worldOf({ passAuthorization: true });
const both = await worldOf({ preset: 'oauth2-proxy', passAccessToken: true, passAuthorization: true });
const all = { off, accessToken, authorization, both };

const copies = ['x-auth-request-access-token', 'x-forwarded-access-token', 'authorization'];
const setOf = ({ response }: Answer) =>
  Object.fromEntries(response.okResponse?.headers?.map(({ header }) => [header?.key, header?.value]) ?? []);
const removedOf = ({ response }: Answer) => response.okResponse?.headersToRemove ?? [];
/** Whatever of an answer goes out, as one text. */
const textOf = ({ response }: Answer) => JSON.stringify(response);

test('token on the answer – is not there unless a setting says so, and the client’s own copies go', async (t) => {
  const sent = { 'x-auth-request-access-token': 'forged', 'x-forwarded-access-token': 'forged' };
  const answer = await off.check({ token, headers: sent });
  isAllowed(t, answer);
  t.false(textOf(answer).includes(token));
  t.false('x-auth-request-access-token' in headersAtApplication(sent, answer.response));
});

test('token on the answer – passAccessToken: the bare token, in one header or with oauth2-proxy in two', async (t) => {
  const one = await accessToken.check({ token, headers: { 'x-auth-request-access-token': 'forged' } });
  t.is(setOf(one)['x-auth-request-access-token'], token);
  t.false('x-forwarded-access-token' in setOf(one));
  t.false('authorization' in setOf(one));
  const two = setOf(await both.check({ token }));
  t.is(two['x-auth-request-access-token'], token);
  t.is(two['x-forwarded-access-token'], token);
});

test('token on the answer – passAuthorization: as a bearer token, however the client wrote the scheme', async (t) => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    const answer = await authorization.check({ authorization: `${scheme} ${token}` });
    isAllowed(t, answer);
    t.is(setOf(answer).authorization, `Bearer ${token}`);
    t.false('x-auth-request-access-token' in setOf(answer));
  }
});

test('token on the answer – a token that is bound to a key stays one that needs a proof (RFC 9449 §7.1)', async (t) => {
  const client = await createDpopClient();
  const world = await createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    identity: { passAccessToken: true, passAuthorization: true },
    rules: [{ name: 'keyed', require: { binding: ['dpop'] } }],
  });
  const keyed = signer.sign(goodClaims({ cnf: { jkt: client.thumbprint } }));
  const answer = await world.check({ ...client.presents({ token: keyed }), authorization: `dpop ${keyed}` });
  isAllowed(t, answer);
  t.is(setOf(answer).authorization, `DPoP ${keyed}`);
  t.is(setOf(answer)['x-auth-request-access-token'], keyed);
});

test('token on the answer – authorization is never among what is removed: the application may want it', async (t) => {
  const basic = { authorization: 'Basic YTpi' };
  for (const [name, world] of Object.entries(all))
    for (const presented of [
      { token },
      { path: '/healthz' },
      { token, path: '/healthz' },
      { path: '/healthz', headers: basic },
    ] satisfies Presented[]) {
      const answer = await world.check(presented);
      t.is(answer.decision.effect, 'allow', name);
      t.false(
        removedOf(answer).some((header) => header.toLowerCase() === 'authorization'),
        name,
      );
    }
});

test('token on the answer – never for a public rule, which does not verify the token', async (t) => {
  for (const presented of [token, 'forged.token.here', signer.sign(goodClaims({ exp: 1 }))]) {
    const answer = await both.check({ token: presented, path: '/healthz' });
    t.is(answer.decision.reason, 'public');
    t.deepEqual(setOf(answer), {});
    t.false(textOf(answer).includes(presented));
  }
});

test('token on the answer – never where the token was refused, before or after its signature held', async (t) => {
  const stranger = createSigner('ES256').sign(goodClaims(), { kid: signer.kid });
  const expired = signer.sign(goodClaims({ exp: 1 }));
  for (const [presented, path, reason] of [
    [stranger, '/orders', 'token_signature_invalid'],
    [expired, '/orders', 'token_expired'],
    [token, '/scoped', 'scope_missing'],
    ['opaque', '/orders', 'token_malformed'],
  ] as const) {
    const answer = await both.check({ token: presented, path });
    t.is(answer.decision.reason, reason);
    t.false(textOf(answer).includes(presented), reason);
    const names = answer.response.deniedResponse?.headers?.map(({ header }) => header?.key) ?? [];
    t.deepEqual(
      names.filter((name) => copies.includes(String(name))),
      [],
    );
  }
});

test('token on the answer – the one that was verified, never a copy that the client put beside it', async (t) => {
  const other = signer.sign(goodClaims({ sub: 'mallory' }));
  const headers = {
    'x-forwarded-access-token': other,
    'x-auth-request-access-token': other,
    authorization_: other,
  };
  const answer = await both.check({ token, headers });
  for (const name of copies) t.is(setOf(answer)[name]?.replace('Bearer ', ''), token, name);
  t.false(textOf(answer).includes(other));
});

test('token on the answer – under another name by identity.headers, and only with passAccessToken', async (t) => {
  const headers = { 'x-token': { from: 'x-auth-request-access-token' } };
  const passed = await worldOf({ passAccessToken: true, headers });
  t.is(setOf(await passed.check({ token }))['x-token'], token);
  const kept = await worldOf({ headers });
  const answer = await kept.check({ token, headers: { 'x-token': 'forged' } });
  t.true(removedOf(answer).includes('x-token'));
  t.false(textOf(answer).includes(token));
});

test('token on the answer – dropped by identity.headers it is removed', async (t) => {
  const world = await worldOf({ passAccessToken: true, headers: { 'x-auth-request-access-token': false } });
  const answer = await world.check({ token });
  t.true(removedOf(answer).includes('x-auth-request-access-token'));
  t.false(textOf(answer).includes(token));
});

/** The token request with a ServiceAccount token of a real API server. */
const recordedAt = 1_795_361_800_000;
const recorded = (name: string) =>
  readFileSync(new URL(`../../fixtures/kubernetes/${name}`, import.meta.url), 'utf8').trim();
const oauthclient = 'spiffe://cluster.local/ns/applications/sa/oauthclient';

for (const preset of presetNames)
  test(`token on the answer – never of a client assertion (${preset}): it is only for the token endpoint`, async (t) => {
    const world = await createCheckWorld(
      {
        issuers: {
          cluster: {
            issuer: 'https://127.0.0.1:6443',
            jwks: JSON.parse(recorded('jwks.json')),
            accept: 'service-account',
            audiences: ['https://as.example.com'],
          },
        },
        peers: { trustDomains: { 'cluster.local': {} } },
        clients: { oauthclient: [oauthclient] },
        identity: { preset, passAccessToken: true, passAuthorization: true },
        rules: [{ name: 'token', require: { credential: 'client-assertion' } }],
      },
      { now: recordedAt },
    );
    const assertion = recorded('sa-oauthclient.jwt');
    const form = {
      grant_type: 'client_credentials',
      client_id: 'oauthclient',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    for (const bearer of [{}, { authorization: `Bearer ${assertion}` }, { authorization: 'Bearer other' }]) {
      const sent = { ...headers, ...bearer };
      const answer = await world.check({ method: 'POST', principal: oauthclient, headers: sent, body });
      isAllowed(t, answer);
      t.false(textOf(answer).includes(assertion));
      for (const name of copies) t.false(name in setOf(answer), name);
    }
  });

test('token on the answer – a long one is passed whole or not at all', async (t) => {
  const world = await createTokenWorld(
    [signer],
    {},
    { limits: { tokenLength: 65_536 }, identity: { passAccessToken: true } },
  );
  const long = signer.sign(goodClaims({ pad: 'x'.repeat(20_000) }));
  const answer = await world.check({ token: long });
  isAllowed(t, answer);
  t.true([undefined, long].includes(setOf(answer)['x-auth-request-access-token']));
});
