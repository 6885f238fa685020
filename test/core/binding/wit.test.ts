import test from 'ava';
import { createCheckWorld, NOW } from '../../support/check-world.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../../support/expected-answers.ts';
import { type Claims, createSigner, type JwtSigner } from '../../support/jwt-signer.ts';
import {
  confirmationOf,
  createWorkloadKeys,
  digestOf,
  signWit,
  signWpt,
  witClaims,
  witConfig,
  witHeaders,
} from '../../support/wit-fixture.ts';
import { SHOP } from '../../support/workload-fixture.ts';

const { issuer, shop, till } = createWorkloadKeys();
const both = { origins: { 'orders.example.com': 'https://orders.example.com' }, audiences: ['orders'] };
const world = await createCheckWorld(witConfig(issuer, { wit: both }));
const wit = signWit(issuer, witClaims(shop));
const seconds = NOW / 1000;
type Reason = keyof typeof expectedRefusals;

const check = (wpt: string, token = wit, more: { path?: string; host?: string } = {}) =>
  world.check({ headers: witHeaders(token, wpt), ...more });

test('wit – the right sender passes, and the log says who it is and how that was proven', async (t) => {
  const answer = await check(signWpt(shop, wit));
  isAllowed(t, answer);
  const { token, boundBy } = answer.decision.found;
  t.is(token?.kind, 'workload-identity-token');
  t.is(token?.subject, SHOP);
  t.is(boundBy, 'wit');
});

for (const alg of ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const)
  test(`wit – a key of ${alg} proves its WIT (WIT-SVID §3.2)`, async (t) => {
    const holder = createSigner(alg);
    const token = signWit(issuer, witClaims(holder));
    isAllowed(t, await check(signWpt(holder, token), token));
    isAllowed(t, await check(signWpt(holder, token), token), 'with the key that is remembered');
  });

/** Claims of a proof that pass. */
const good: [string, Claims, { path?: string }?][] = [
  ['a list of one audience (RFC 7519 §4.1.3)', { aud: ['https://orders.example.com/orders'] }],
  ['an audience that is configured', { aud: 'orders' }],
  ['a target in other case (RFC 3986 §6.2.2.1)', { aud: 'HTTPS://Orders.Example.com/orders' }],
  ['a target with the default port (RFC 3986 §6.2.3)', { aud: 'https://orders.example.com:443/orders' }],
  ['a target with a query, which is ignored (wpt-02 §2)', { aud: 'https://orders.example.com/orders?a=b#c' }],
  ['a request with a query, which is ignored (wpt-02 §2)', {}, { path: '/orders?a=b' }],
  ['an exp just now, within the clock skew', { exp: seconds - 29 }],
  ['an exp at the end of the lifetime', { exp: seconds + 330 }],
  ['iat and nbf within the clock skew', { iat: seconds + 30, nbf: seconds + 30 }],
  ['a claim that nobody knows (wpt-02 §2.3)', { 'example.com/myclaim': 1 }],
  ['no other tokens', { oth: {} }],
];
for (const [title, claims, more] of good)
  test(`wit – accepts ${title}`, async (t) => {
    isAllowed(t, await check(signWpt(shop, wit, claims), wit, more));
  });

const bad: [string, Claims, Reason][] = [
  ['another path', { aud: 'https://orders.example.com/payments' }, 'proof_target_mismatch'],
  ['another host', { aud: 'https://payments.example.com/orders' }, 'proof_target_mismatch'],
  ['another scheme', { aud: 'http://orders.example.com/orders' }, 'proof_target_mismatch'],
  ['another port', { aud: 'https://orders.example.com:8443/orders' }, 'proof_target_mismatch'],
  ['the origin alone', { aud: 'https://orders.example.com' }, 'proof_target_mismatch'],
  ['a path in other case', { aud: 'https://orders.example.com/Orders' }, 'proof_target_mismatch'],
  ['a user in the target', { aud: 'https://orders@orders.example.com/orders' }, 'proof_target_mismatch'],
  [
    'two audiences',
    { aud: ['https://orders.example.com/orders', 'https://x.test/'] },
    'proof_target_mismatch',
  ],
  ['two audiences that are configured', { aud: ['orders', 'orders'] }, 'proof_target_mismatch'],
  ['no audience', { aud: undefined }, 'proof_target_mismatch'],
  ['an audience that is an object', { aud: { 0: 'orders' } }, 'proof_target_mismatch'],
  ['an audience in other case', { aud: 'Orders' }, 'proof_target_mismatch'],
  ['an exp that has passed', { exp: seconds - 30 }, 'proof_expired'],
  ['an exp too far ahead (wpt-02 §2)', { exp: seconds + 331 }, 'proof_not_yet_valid'],
  ['an exp in a million years', { exp: 1e300 }, 'proof_not_yet_valid'],
  ['no exp', { exp: undefined }, 'proof_malformed'],
  ['an exp that is a text', { exp: String(seconds + 60) }, 'proof_malformed'],
  ['an nbf in the future', { nbf: seconds + 31 }, 'proof_not_yet_valid'],
  ['an iat in the future', { iat: seconds + 31 }, 'proof_not_yet_valid'],
  ['an iat that is null', { iat: null }, 'proof_malformed'],
  ['no jti', { jti: undefined }, 'proof_malformed'],
  ['an empty jti', { jti: '' }, 'proof_malformed'],
  ['a jti of 257 characters', { jti: 'x'.repeat(257) }, 'proof_malformed'],
  ['a jti that is a number', { jti: 1 }, 'proof_malformed'],
  ['no wth', { wth: undefined }, 'proof_token_mismatch'],
  ['the wth of another WIT', { wth: digestOf(signWit(issuer, witClaims(till))) }, 'proof_token_mismatch'],
  ['the WIT itself as wth', { wth: wit }, 'proof_token_mismatch'],
  ['an ath without an access token', { ath: digestOf('x') }, 'proof_token_mismatch'],
  ['a tth without a transaction token', { tth: digestOf('x') }, 'proof_token_mismatch'],
  ['an oth that is a text', { oth: 'x' }, 'proof_malformed'],
  ['an oth of a header that was not sent', { oth: { 'x-context': digestOf('x') } }, 'proof_token_mismatch'],
  ['an oth of Object.prototype', { oth: { constructor: digestOf('x') } }, 'proof_token_mismatch'],
  [
    'an oth of nine headers',
    { oth: Object.fromEntries([...'abcdefghi'].map((n) => [n, ''])) },
    'proof_malformed',
  ],
];
for (const [title, claims, reason] of bad)
  test(`wit – denies a proof with ${title}`, async (t) => {
    isRefused(t, await check(signWpt(shop, wit, claims)), reason);
  });

const headers: [string, Claims, Reason][] = [
  ['typ JWT', { typ: 'JWT' }, 'proof_malformed'],
  ['typ wit+jwt', { typ: 'wit+jwt' }, 'proof_malformed'],
  ['typ dpop+jwt', { typ: 'dpop+jwt' }, 'proof_malformed'],
  ['no typ', { typ: undefined }, 'proof_malformed'],
  ['crit', { crit: ['exp'] }, 'proof_malformed'],
  ['b64', { b64: false }, 'proof_malformed'],
  ['alg none', { alg: 'none' }, 'proof_algorithm_not_allowed'],
  ['alg HS256', { alg: 'HS256' }, 'proof_algorithm_not_allowed'],
  ['another alg than cnf.jwk', { alg: 'ES384' }, 'proof_algorithm_not_allowed'],
];
for (const [title, header, reason] of headers)
  test(`wit – denies a proof with ${title} in the header`, async (t) => {
    isRefused(t, await check(signWpt(shop, wit, {}, header)), reason);
  });

test('wit – denies a stolen WIT with the proof of another key', async (t) => {
  isRefused(t, await check(signWpt(till, wit)), 'proof_signature_invalid');
  isRefused(
    t,
    await check(signWpt(till, wit, {}, { jwk: till.publicJwk, kid: 'x' })),
    'proof_signature_invalid',
  );
});

test('wit – denies a stolen proof with a WIT of the thief', async (t) => {
  const own = signWit(issuer, witClaims(till));
  isRefused(t, await check(signWpt(shop, wit), own), 'proof_token_mismatch');
});

/** Keys that no issuer must put into a WIT. */
const keys: [string, JwtSigner, Claims, Reason][] = [
  ['a private key', shop, { ...shop.privateKey.export({ format: 'jwk' }), alg: 'ES256' }, 'proof_malformed'],
  ['a symmetric key', shop, { kty: 'oct', k: 'AAAA', alg: 'HS256' }, 'confirmation_malformed'],
  ['a symmetric key for ES256', shop, { kty: 'oct', k: 'AAAA', alg: 'ES256' }, 'proof_key_unsuitable'],
  ['a key of no type', shop, { alg: 'ES256' }, 'proof_key_unsuitable'],
  [
    'a key without alg (workload-creds-02 §3.1)',
    shop,
    { ...shop.publicJwk, alg: undefined },
    'confirmation_malformed',
  ],
  ['a key for no signature', shop, { ...shop.publicJwk, alg: 'none' }, 'confirmation_malformed'],
  ['a key for another algorithm', shop, { ...shop.publicJwk, alg: 'ES384' }, 'proof_key_unsuitable'],
];
for (const [title, holder, jwk, reason] of keys)
  test(`wit – denies a WIT with ${title}`, async (t) => {
    const token = signWit(issuer, witClaims(holder, { cnf: { jwk } }));
    isRefused(t, await check(signWpt(holder, token), token), reason);
  });

test('wit – denies a WIT with an RSA key of 1024 bits (RFC 7518 §3.3)', async (t) => {
  const weak = createSigner('RS256', { modulusLength: 1024 });
  const token = signWit(issuer, witClaims(weak));
  isRefused(t, await check(signWpt(weak, token), token), 'proof_key_unsuitable');
});

test('wit – a key that proved one algorithm does not prove another one', async (t) => {
  const rsa = createSigner('RS256');
  const pss = createSigner('PS256', { keys: rsa });
  for (const holder of [rsa, pss, rsa]) {
    const token = signWit(issuer, witClaims(holder));
    isAllowed(t, await check(signWpt(holder, token), token));
  }
  const token = signWit(issuer, witClaims(pss));
  isRefused(t, await check(signWpt(rsa, token), token), 'proof_algorithm_not_allowed');
});

test('wit – a cnf with another member beside jwk is refused', async (t) => {
  const cnf = { ...confirmationOf(shop), 'x5t#S256': digestOf('x') };
  const token = signWit(issuer, witClaims(shop, { cnf }));
  isRefused(t, await check(signWpt(shop, token), token), 'confirmation_unsupported');
});

test('wit – a proof holds once, whatever else its sender changes (wpt-02 §3.1)', async (t) => {
  const proof = signWpt(shop, wit, { jti: 'once' });
  isAllowed(t, await check(proof));
  isRefused(t, await check(proof), 'proof_replayed');
  isRefused(t, await check(signWpt(shop, wit, { jti: 'once', exp: seconds + 70 })), 'proof_replayed');
  const renewed = signWit(issuer, witClaims(shop, { jti: 'another' }));
  isRefused(t, await check(signWpt(shop, renewed, { jti: 'once' }), renewed), 'proof_replayed');
});

test('wit – the jti of another key is another one', async (t) => {
  isAllowed(t, await check(signWpt(shop, wit, { jti: 'shared' })));
  const other = signWit(issuer, witClaims(till));
  isAllowed(t, await check(signWpt(till, other, { jti: 'shared' }), other));
});

test('wit – a proof that was used is remembered until it is refused as too old', async (t) => {
  const config = witConfig(issuer);
  // Longer than what every used proof is remembered beyond its end.
  const own = await createCheckWorld({ ...config, wit: { ...config.wit, clockSkew: '2m' } });
  t.teardown(own.stop);
  const proof = signWpt(shop, wit, { jti: 'late', exp: seconds + 60 });
  const send = () => own.check({ headers: witHeaders(wit, proof) });
  isAllowed(t, await send());
  own.clock.now = NOW + 179_999;
  // The memory forgets when it learns something.
  isAllowed(t, await own.check({ headers: witHeaders(wit, signWpt(shop, wit, { exp: seconds + 180 })) }));
  isRefused(t, await send(), 'proof_replayed');
  own.clock.now = NOW + 180_000;
  isRefused(t, await send(), 'proof_expired');
});

const late = signWpt(shop, wit);
/** Where the proof is, by the drafts that are accepted. */
const carried: [string, Record<string, string>, ('wpt-01' | 'wpt-02')[], Reason | 'allowed'][] = [
  ['Authorization', { authorization: `WPT ${late}` }, ['wpt-02'], 'allowed'],
  ['Authorization in other case', { authorization: `wPt ${late}` }, ['wpt-02'], 'allowed'],
  ['Authorization after two spaces', { authorization: `WPT  ${late}` }, ['wpt-02'], 'allowed'],
  ['the header of wpt-01', { 'workload-proof-token': late }, ['wpt-01'], 'allowed'],
  ['the header of wpt-01, second', { 'workload-proof-token': late }, ['wpt-02', 'wpt-01'], 'allowed'],
  ['the header of wpt-01, not accepted', { 'workload-proof-token': late }, ['wpt-02'], 'proof_missing'],
  ['Authorization, not accepted', { authorization: `WPT ${late}` }, ['wpt-01'], 'proof_missing'],
  ['no header', {}, ['wpt-02', 'wpt-01'], 'proof_missing'],
  [
    'an empty header',
    { authorization: '', 'workload-proof-token': '' },
    ['wpt-02', 'wpt-01'],
    'proof_missing',
  ],
  [
    'both headers',
    { authorization: `WPT ${late}`, 'workload-proof-token': late },
    ['wpt-02', 'wpt-01'],
    'proof_ambiguous',
  ],
  ['Authorization twice', { authorization: `WPT ${late},WPT ${late}` }, ['wpt-02'], 'proof_ambiguous'],
  ['Authorization after Bearer', { authorization: `Bearer x,WPT ${late}` }, ['wpt-02'], 'proof_ambiguous'],
  [
    'the header of wpt-01 twice',
    { 'workload-proof-token': `${late},${late}` },
    ['wpt-01'],
    'proof_ambiguous',
  ],
  ['Authorization as Bearer', { authorization: `Bearer ${late}` }, ['wpt-02'], 'proof_missing'],
  ['Authorization with more behind', { authorization: `WPT ${late} x` }, ['wpt-02'], 'proof_malformed'],
  ['Authorization in quotes', { authorization: `WPT "${late}"` }, ['wpt-02'], 'proof_malformed'],
  ['Authorization after a tab', { authorization: `WPT\t${late}` }, ['wpt-02'], 'proof_malformed'],
  ['Authorization without a proof', { authorization: 'WPT' }, ['wpt-02'], 'proof_malformed'],
  ['Authorization without a JWT', { authorization: 'WPT x' }, ['wpt-02'], 'proof_malformed'],
  ['60 KiB of it', { authorization: `WPT ${'a.'.repeat(30_000)}` }, ['wpt-02'], 'proof_too_large'],
];
for (const [title, sent, drafts, reason] of carried)
  test(`wit – proof in ${title}, with ${drafts.join(' and ')}: ${reason}`, async (t) => {
    const own = await createCheckWorld(witConfig(issuer, { wit: { ...both, drafts } }));
    const answer = await own.check({ headers: { 'workload-identity-token': wit, ...sent } });
    if (reason === 'allowed') isAllowed(t, answer);
    else isRefused(t, answer, reason);
  });

test('wit – an access token beside it must be the one of ath (wpt-01 §2)', async (t) => {
  const own = await createCheckWorld(witConfig(issuer, { wit: { ...both, drafts: ['wpt-01'] } }));
  const send = (claims: Claims, authorization: string) =>
    own.check({
      authorization,
      headers: { 'workload-identity-token': wit, 'workload-proof-token': signWpt(shop, wit, claims) },
    });
  isAllowed(t, await send({ ath: digestOf('token') }, 'Bearer token'));
  isAllowed(t, await send({ ath: digestOf('token') }, 'DPoP token'));
  isRefused(t, await send({ ath: digestOf('other') }, 'Bearer token'), 'proof_token_mismatch');
  isRefused(t, await send({}, 'Bearer token'), 'proof_token_mismatch');
  isRefused(t, await send({ ath: digestOf('token') }, 'Basic token'), 'proof_token_mismatch');
});

test('wit – a transaction token must be the one of tth (wpt-02 §2)', async (t) => {
  const send = (claims: Claims, txn: string) =>
    world.check({ headers: { ...witHeaders(wit, signWpt(shop, wit, claims)), 'txn-token': txn } });
  isAllowed(t, await send({ tth: digestOf('txn') }, 'txn'));
  isRefused(t, await send({ tth: digestOf('other') }, 'txn'), 'proof_token_mismatch');
  isRefused(t, await send({}, 'txn'), 'proof_token_mismatch');
});

test('wit – other headers must be those of oth (wpt-02 §2)', async (t) => {
  const send = (oth: Claims, headers: Record<string, string>) =>
    world.check({ headers: { ...headers, ...witHeaders(wit, signWpt(shop, wit, { oth })) } });
  isAllowed(t, await send({ 'x-context': digestOf('a') }, { 'x-context': 'a', 'x-more': 'b' }));
  isAllowed(t, await send({ 'x-context': digestOf('a') }, { 'x-context': ' a ' }), 'without its spaces');
  isRefused(t, await send({ 'x-context': digestOf('a') }, { 'x-context': 'a,a' }), 'proof_token_mismatch');
  isRefused(t, await send({ 'x-context': digestOf('a') }, { 'x-context': 'b' }), 'proof_token_mismatch');
  isRefused(t, await send({ 'x-context': null }, { 'x-context': 'a' }), 'proof_token_mismatch');
  isRefused(t, await send({ 'X-Context': digestOf('a') }, { 'x-context': 'a' }), 'proof_token_mismatch');
});

test('wit – the origin is that of the Host, and only if it is configured (wpt-02 §3.1.7)', async (t) => {
  const origins = {
    'orders.internal:8080': 'https://orders.example.com/shop',
    'payments.internal': 'https://payments.example.com',
  };
  const own = await createCheckWorld(witConfig(issuer, { wit: { origins } }));
  const send = (host: string, aud: string) =>
    own.check({ host, headers: witHeaders(wit, signWpt(shop, wit, { aud })) });
  isAllowed(t, await send('orders.internal:8080', 'https://orders.example.com/shop/orders'));
  isAllowed(t, await send('Orders.Internal:8080', 'https://orders.example.com/shop/orders'));
  const elsewhere: [string, string][] = [
    ['payments.internal', 'https://orders.example.com/shop/orders'],
    ['orders.internal', 'https://orders.example.com/shop/orders'],
    ['orders.internal:8080', 'https://orders.internal:8080/orders'],
    ['evil.example', 'https://evil.example/orders'],
    ['constructor', 'https://constructor/orders'],
  ];
  for (const [host, aud] of elsewhere)
    isRefused(t, await send(host, aud), 'proof_target_mismatch', { title: host });
});
