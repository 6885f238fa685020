import { readFileSync } from 'node:fs';
import test from 'ava';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { type Claims, createSigner } from '../../support/jwt-signer.ts';
import { accessTokenClaims, anyBearer, createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const any = await createTokenWorld([signer]);
const strict = await createTokenWorld([signer], { accept: 'at+jwt' });
const idToken = await createTokenWorld([signer], { accept: 'id-token' });

for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])
  test(`at+jwt – accepts typ ${typ} with all claims (RFC 9068 §2.1, §2.2)`, async (t) => {
    isAllowed(t, await strict.check({ token: signer.sign(accessTokenClaims(), { typ }) }));
    isAllowed(t, await any.check({ token: signer.sign(accessTokenClaims(), { typ }) }));
  });

const otherTypes = [
  undefined,
  '',
  'JWT',
  'jwt',
  'at-jwt',
  'at+jwt ',
  'application/application/at+jwt',
  'text/at+jwt',
  'at+jwt; charset=utf-8',
];
for (const typ of otherTypes)
  test(`at+jwt – denies typ ${JSON.stringify(typ)} (RFC 9068 §4)`, async (t) => {
    const token = signer.sign(accessTokenClaims(), { typ });
    isRefused(t, await strict.check({ token }), 'token_type_not_allowed');
  });

for (const [name, reason] of [
  ['sub', 'token_type_not_allowed'],
  ['client_id', 'token_type_not_allowed'],
  ['iat', 'token_type_not_allowed'],
  ['jti', 'token_type_not_allowed'],
  ['aud', 'token_type_not_allowed'],
  ['exp', 'token_claim_malformed'],
  ['iss', 'token_issuer_unknown'],
] as const)
  test(`at+jwt – denies a token without ${name} (RFC 9068 §2.2)`, async (t) => {
    const token = signer.sign(accessTokenClaims({ [name]: undefined }), { typ: 'at+jwt' });
    isRefused(t, await strict.check({ token }), reason);
  });

test('at+jwt – members of Object.prototype do not stand in for claims (RFC 9068 §2.2)', async (t) => {
  const claims = JSON.parse(`{"__proto__":{"jti":"x"}}`);
  const token = signer.sign({ ...accessTokenClaims({ jti: undefined }), ...claims }, { typ: 'at+jwt' });
  isRefused(t, await strict.check({ token }), 'token_type_not_allowed');
});

for (const typ of [undefined, 'JWT', 'jwt', 'application/jwt', 'at+jwt'])
  test(`any – accepts typ ${JSON.stringify(typ)} (RFC 7519 §5.1)`, async (t) => {
    isAllowed(t, await any.check({ token: signer.sign(goodClaims(), { typ }) }));
  });

test('any – accepts the claim typ Bearer or DPoP, as Keycloak writes it', async (t) => {
  for (const typ of ['Bearer', 'bearer', 'DPoP'])
    isAllowed(t, await any.check({ token: signer.sign(goodClaims({ typ })) }), typ);
});

/** Tokens that are signed by the issuer, name our audience and are something else. */
const others: [string, Claims, Claims][] = [
  ['ID token with nonce (OIDC Core §2)', { nonce: 'n-0S6' }, {}],
  ['ID token with an empty nonce (OIDC Core §2)', { nonce: '' }, {}],
  ['ID token with at_hash (OIDC Core §3.1.3.6)', { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' }, {}],
  ['ID token with c_hash (OIDC Core §3.3.2.11)', { c_hash: 'LDktKdoQak3Pk0cnXxCltA' }, {}],
  ['ID token with s_hash (FAPI 1.0 §5.1)', { s_hash: 'x' }, {}],
  ['ID token of Keycloak', { typ: 'ID' }, {}],
  ['refresh token of Keycloak', { typ: 'Refresh' }, {}],
  ['offline token of Keycloak', { typ: 'Offline' }, {}],
  ['logout token of Keycloak', { typ: 'Logout' }, {}],
  ['claim typ that is no text', { typ: ['Bearer', 'ID'] }, {}],
  ['claim typ that cannot be a text', { typ: { toString: null, valueOf: null } }, {}],
  ['logout token by its typ (OIDC Back-Channel Logout §2.4)', {}, { typ: 'logout+jwt' }],
  [
    'logout token by its events (OIDC Back-Channel Logout §2.4)',
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    {},
  ],
  ['security event token (RFC 8417 §2.2)', { events: {} }, { typ: 'secevent+jwt' }],
  ['DPoP proof (RFC 9449 §4.2)', { htm: 'GET', htu: 'https://x', jti: 'x' }, { typ: 'dpop+jwt' }],
  ['request object (RFC 9101 §10.8)', {}, { typ: 'oauth-authz-req+jwt' }],
  ['client attestation', {}, { typ: 'oauth-client-attestation+jwt' }],
  ['introspection response (RFC 9701 §5)', {}, { typ: 'token-introspection+jwt' }],
  ['entity statement', {}, { typ: 'entity-statement+jwt' }],
  ['nested JWT', {}, { typ: 'JOSE' }],
];
for (const [title, claims, header] of others)
  test(`any – denies a ${title}`, async (t) => {
    const token = signer.sign(goodClaims(claims), header);
    isRefused(t, await any.check({ token }), 'token_type_not_allowed');
    isRefused(t, await strict.check({ token }), 'token_type_not_allowed');
  });

for (const [title, claims, header] of others)
  test(`id-token – ${title.startsWith('ID token') ? 'accepts' : 'denies'} a ${title}`, async (t) => {
    const answer = await idToken.check({ token: signer.sign(goodClaims(claims), header) });
    if (title.startsWith('ID token')) isAllowed(t, answer);
    else isRefused(t, answer, 'token_type_not_allowed');
  });

test('id-token – accepts an access token too, and only for its audience', async (t) => {
  isAllowed(t, await idToken.check({ token: signer.sign(goodClaims()) }));
  isAllowed(t, await idToken.check({ token: signer.sign(accessTokenClaims(), { typ: 'at+jwt' }) }));
  const other = signer.sign(goodClaims({ aud: 'shop', at_hash: 'x' }));
  isRefused(t, await idToken.check({ token: other }), 'token_audience_mismatch');
});

test('client assertion – its issuer is the client, which is not a configured issuer (RFC 7523 §3)', async (t) => {
  const token = signer.sign(goodClaims({ iss: 'shop', sub: 'shop', jti: 'x' }));
  isRefused(t, await any.check({ token }), 'token_issuer_unknown');
});

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/spire-tokens/${name}`, import.meta.url), 'utf8').trim();
const spireIssuer = (accept: 'any' | 'at+jwt') => ({
  issuer: 'https://127.0.0.1:18443',
  audiences: ['https://as.example.com'],
  jwks: JSON.parse(fixture('jwks.json')),
  accept,
});
/** Within the five minutes of the recorded JWT-SVIDs. */
const recordedAt = 1_795_361_600_000;

test('JWT-SVID of SPIRE – is not an RFC 9068 access token (JWT-SVID §2.2)', async (t) => {
  const world = await createCheckWorld(
    { issuers: { spire: spireIssuer('at+jwt') }, rules: [anyBearer] },
    { now: recordedAt },
  );
  isRefused(t, await world.check({ token: fixture('oauthclient.jwt') }), 'token_type_not_allowed');
});

test('JWT-SVID of SPIRE – is verified with the recorded keys where any is accepted (JWT-SVID §3)', async (t) => {
  const world = await createCheckWorld(
    { issuers: { spire: spireIssuer('any') }, rules: [anyBearer] },
    { now: recordedAt },
  );
  const answer = await world.check({ token: fixture('oauthclient.jwt') });
  isAllowed(t, answer);
  t.is(answer.decision.found.token?.subject, 'spiffe://democluster.internal/ns/applications/sa/oauthclient');
  const wrong = await world.check({ token: fixture('oauthclient-wrongaud.jwt') });
  isRefused(t, wrong, 'token_audience_mismatch');
  world.clock.now = 1_795_361_765_000 + 30_000;
  isRefused(t, await world.check({ token: fixture('oauthclient.jwt') }), 'token_expired');
});
