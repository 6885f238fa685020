import test from 'ava';
import { createCheckWorld, NOW } from '../../support/check-world.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../../support/expected-answers.ts';
import { type Claims, createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, ISSUER, inlineIssuer } from '../../support/token-fixture.ts';
import {
  bundleOf,
  createWorkloadKeys,
  signWit,
  signWpt,
  witClaims,
  witConfig,
  witHeaders,
} from '../../support/wit-fixture.ts';
import { SHOP, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const { issuer, shop } = createWorkloadKeys();
const corp = createSigner('ES256');
const svids = createSigner('ES256');
const spire = 'https://spire.example.com';
const base = witConfig(issuer);
const world = await createCheckWorld({
  ...base,
  issuers: {
    ...base.issuers,
    corp: inlineIssuer([corp]),
    svids: {
      issuer: spire,
      accept: 'jwt-svid',
      audiences: ['orders'],
      trustDomain: TRUST_DOMAIN,
      jwks: { keys: [svids.publicJwk] },
    },
  },
  rules: [
    { name: 'bearer', match: { paths: ['/bearer'] }, require: { binding: ['none'] } },
    { name: 'wit', require: { credential: 'wit' } },
  ],
});
type Reason = keyof typeof expectedRefusals;
const seconds = NOW / 1000;

const send = (claims: Claims, header: Claims = {}, signer = issuer) => {
  const token = signWit(signer, witClaims(shop, claims), header);
  return world.check({ headers: witHeaders(token, signWpt(shop, token)) });
};

const good: [string, Claims, Claims?][] = [
  ['without iss, iat and jti (WIT-SVID §3)', { iss: undefined, iat: undefined, jti: undefined }],
  [
    'with any iss, which does not choose the keys (workload-creds-02 §2)',
    { iss: 'https://anything.example' },
  ],
  ['with the iss of the JWT-SVIDs', { iss: spire }],
  ['with typ application/wit+jwt (RFC 7515 §4.1.9)', {}, { typ: 'application/wit+jwt' }],
  ['without kid, if few keys fit', {}, { kid: undefined }],
  ['that expired within the clock skew', { exp: seconds - 29 }],
];
for (const [title, claims, header] of good)
  test(`WIT – accepts a token ${title}`, async (t) => {
    const answer = await send(claims, header);
    isAllowed(t, answer);
    t.is(answer.decision.found.token?.subject, SHOP);
  });

const bad: [string, Claims, Claims, Reason][] = [
  ['of typ JWT, which looks like a JWT-SVID', {}, { typ: 'JWT' }, 'token_key_unknown'],
  ['without typ', {}, { typ: undefined }, 'token_key_unknown'],
  ['of typ wpt+jwt', {}, { typ: 'wpt+jwt' }, 'token_key_unknown'],
  ['of another trust domain', { sub: 'spiffe://evil.example/shop' }, {}, 'token_issuer_unknown'],
  ['of a trust domain itself', { sub: `spiffe://${TRUST_DOMAIN}` }, {}, 'token_type_not_allowed'],
  ['with a subject that is no SPIFFE ID', { sub: 'shop' }, {}, 'token_issuer_unknown'],
  ['of the scheme wimse', { sub: `wimse://${TRUST_DOMAIN}/shop` }, {}, 'token_issuer_unknown'],
  ['without sub', { sub: undefined }, {}, 'token_issuer_unknown'],
  ['without exp (WIT-SVID §3.4)', { exp: undefined }, {}, 'token_claim_malformed'],
  ['that has expired', { exp: seconds - 31 }, {}, 'token_expired'],
  ['that is not valid yet', { nbf: seconds + 31 }, {}, 'token_not_yet_valid'],
  ['without cnf', { cnf: undefined }, {}, 'token_type_not_allowed'],
  ['with cnf.jkt alone', { cnf: { jkt: 'x' } }, {}, 'token_type_not_allowed'],
  ['with a key that is a text', { cnf: { jwk: 'x' } }, {}, 'token_type_not_allowed'],
  ['for an audience (WIT-SVID §3.8)', { aud: 'payments' }, {}, 'token_audience_mismatch'],
];
for (const [title, claims, header, reason] of bad)
  test(`WIT – denies a token ${title}`, async (t) => {
    isRefused(t, await send(claims, header), reason);
  });

test('WIT – denies one that the issuer of JWT-SVIDs signed, and another one', async (t) => {
  isRefused(t, await send({}, {}, svids), 'token_key_unknown');
  isRefused(t, await send({}, { kid: issuer.kid }, svids), 'token_signature_invalid');
  isRefused(t, await send({ iss: ISSUER }, {}, corp), 'token_key_unknown');
});

test('WIT – an iss that is configured is the only one', async (t) => {
  const own = await createCheckWorld(
    witConfig(issuer, {
      issuers: { spire: { issuer: spire, accept: 'wit', trustDomain: TRUST_DOMAIN, jwks: bundleOf(issuer) } },
    }),
  );
  const check = (iss: unknown) => {
    const token = signWit(issuer, witClaims(shop, { iss }));
    return own.check({ headers: witHeaders(token, signWpt(shop, token)) });
  };
  isAllowed(t, await check(spire));
  isAllowed(t, await check(undefined));
  isRefused(t, await check('https://evil.example'), 'token_issuer_unknown');
  isRefused(t, await check(null), 'token_issuer_unknown');
});

test('WIT – is never a bearer token, also with its proof (workload-creds-02 §3.1)', async (t) => {
  const token = signWit(issuer, witClaims(shop));
  for (const iss of [undefined, ISSUER, spire]) {
    const named = signWit(issuer, witClaims(shop, { iss }));
    isRefused(t, await world.check({ path: '/bearer', token: named }), 'token_type_not_allowed');
  }
  isRefused(t, await world.check({ token }), 'token_missing');
  const proof = { 'workload-proof-token': signWpt(shop, token) };
  isRefused(t, await world.check({ path: '/bearer', token, headers: proof }), 'token_type_not_allowed');
  isRefused(t, await world.check({ path: '/bearer', headers: witHeaders(token, 'x') }), 'token_missing');
});

test('WIT – a proof is no token, and other tokens are no WIT', async (t) => {
  const token = signWit(issuer, witClaims(shop));
  const proof = signWpt(shop, token);
  isRefused(t, await world.check({ path: '/bearer', token: proof }), 'token_issuer_unknown');
  isRefused(t, await world.check({ headers: witHeaders(proof, proof) }), 'token_issuer_unknown');
  const others = [
    corp.sign(goodClaims()),
    corp.sign(goodClaims({ cnf: witClaims(shop).cnf })),
    svids.sign(goodClaims({ iss: spire, sub: SHOP, cnf: witClaims(shop).cnf })),
  ];
  for (const other of others)
    isRefused(
      t,
      await world.check({ headers: witHeaders(other, signWpt(shop, other)) }),
      'token_type_not_allowed',
    );
});

test('WIT – is sent once, in its header', async (t) => {
  const token = signWit(issuer, witClaims(shop));
  const proof = signWpt(shop, token);
  const { check } = world;
  isRefused(t, await check({ headers: witHeaders(`${token},${token}`, proof) }), 'authorization_ambiguous');
  isRefused(t, await check({ headers: witHeaders(`${token},`, proof) }), 'authorization_ambiguous');
  isRefused(t, await check({ headers: witHeaders('', proof) }), 'token_missing');
  isRefused(t, await check({ headers: { authorization: `WPT ${proof}` } }), 'token_missing');
  isRefused(t, await check({ headers: witHeaders('x', proof) }), 'token_malformed');
  isRefused(t, await check({ headers: witHeaders(`WIT ${token}`, proof) }), 'token_malformed');
  isRefused(t, await check({ headers: witHeaders('a'.repeat(61_000), proof) }), 'token_too_large');
});

test('WIT – only the wit-svid keys of a bundle are its keys (WIT-SVID §6)', async (t) => {
  const { keys } = bundleOf(issuer);
  const other = createSigner('ES256');
  const jwks = { keys: [...keys, { ...other.publicJwk, alg: undefined, use: 'jwt-svid' }] };
  const own = await createCheckWorld(
    witConfig(issuer, {
      issuers: {
        spire: { accept: 'wit', trustDomain: TRUST_DOMAIN, jwks: JSON.parse(JSON.stringify(jwks)) },
      },
    }),
  );
  for (const [signer, reason] of [
    [issuer, 'allowed'],
    [other, 'token_key_unknown'],
  ] as const) {
    const token = signWit(signer, witClaims(shop));
    const answer = await own.check({ headers: witHeaders(token, signWpt(shop, token)) });
    if (reason === 'allowed') isAllowed(t, answer);
    else isRefused(t, answer, reason);
  }
});
