import { createHash, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { dpop } from '../../../src/core/binding/dpop.ts';
import { createNonces, type Nonces } from '../../../src/core/binding/nonces.ts';
import type { VerifiedToken } from '../../../src/core/token/verified-token.ts';
import { type CheckWorld, createCheckWorld, NOW, type Presented } from '../../support/check-world.ts';
import { createDpopClient, type ProvenRequest } from '../../support/dpop-client.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../../support/expected-answers.ts';
import { type Claims, createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer, NOW_SECONDS } from '../../support/token-fixture.ts';
import { createWorkloads, SHOP, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop } = await createWorkloads();
const client = await createDpopClient();
const thief = await createDpopClient();

const openWorld = (settings: ConfigInput['dpop'] = {}): Promise<CheckWorld> =>
  createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    clients: { shop: [SHOP] },
    dpop: settings,
    rules: [
      {
        name: 'all',
        match: { paths: ['/all/**'] },
        require: { binding: ['certificate', 'workload', 'dpop', 'none'] },
      },
      { name: 'certificate', match: { paths: ['/certificate'] }, require: { binding: ['certificate'] } },
      { name: 'none', match: { paths: ['/none'] }, require: { binding: ['none'] } },
      { name: 'dpop', require: { binding: ['dpop'] } },
    ],
  });
const world = await openWorld();

const bindTo = (thumbprint: string, more: Claims = {}) =>
  signer.sign(goodClaims({ cnf: { jkt: thumbprint }, ...more }));
const token = bindTo(client.thumbprint);
const sent = (parts: Partial<ProvenRequest> = {}, more: Presented = {}) =>
  world.check(client.presents({ token, ...parts }, more));

test('DPoP – a token with the proof of its key passes, from any peer and without one (RFC 9449 §7.1)', async (t) => {
  for (const certificate of [{}, { certificate: shop }]) {
    const answer = await sent({}, certificate);
    isAllowed(t, answer);
    t.is(answer.decision.found.boundBy, 'dpop');
  }
});

for (const alg of ['ES256', 'PS256', 'EdDSA'] as const)
  test(`DPoP – a key for ${alg} is as good (RFC 9449 §4.2)`, async (t) => {
    const other = await createDpopClient(alg);
    const own = bindTo(other.thumbprint);
    // The second time the key is known.
    for (const _ of [1, 2]) isAllowed(t, await world.check(other.presents({ token: own })));
    isRefused(
      t,
      await world.check(other.presents({ token: own, signer: createSigner(alg, { kid: null }) })),
      'proof_signature_invalid',
    );
  });

for (const scheme of ['dpop', 'DPOP', 'DPoP'])
  test(`DPoP – the scheme is accepted as ${scheme} (RFC 9110 §11.1)`, async (t) => {
    isAllowed(t, await sent({}, { authorization: `${scheme} ${token}` }));
  });

type Reason = keyof typeof expectedRefusals;
const bearer = `Bearer ${token}`;
const plain = signer.sign(goodClaims());
const proof = client.proof({ token });
const long = 'x'.repeat(257);
const nested = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`);
const rsa1024 = createSigner('PS256', { kid: null, modulusLength: 1024 });
const jwkOf = ({ publicKey }: { publicKey: typeof rsa1024.publicKey }) => publicKey.export({ format: 'jwk' });
const { d } = client.signer.privateKey.export({ format: 'jwk' });
const ec384 = createSigner('ES384', { kid: null });
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });

/** What is sent, by its difference from a good request. */
const refused: [string, () => ReturnType<typeof sent>, Reason][] = [
  ['a proof of another key', () => world.check(thief.presents({ token })), 'proof_key_mismatch'],
  ['a token as Bearer with its proof', () => sent({}, { authorization: bearer }), 'token_scheme_downgraded'],
  ['a token as Bearer without a proof', () => world.check({ token }), 'token_scheme_downgraded'],
  ['a plain token as DPoP', () => world.check(client.presents({ token: plain })), 'binding_missing'],
  ['no proof', () => world.check({ authorization: `DPoP ${token}` }), 'proof_missing'],
  ['an empty proof', () => sent({}, { headers: { dpop: '' } }), 'proof_missing'],
  [
    'two proofs as Envoy joins them',
    () => sent({}, { headers: { dpop: `${proof},${proof}` } }),
    'proof_ambiguous',
  ],
  ['an empty proof beside it', () => sent({}, { headers: { dpop: `,${proof}` } }), 'proof_ambiguous'],
  ['a proof of 9 KB', () => sent({ claims: { more: 'x'.repeat(7_000) } }), 'proof_too_large'],
  ['60 KiB of commas', () => sent({}, { headers: { dpop: ','.repeat(61_440) } }), 'proof_too_large'],
  ['a proof that is no JWT', () => sent({}, { headers: { dpop: 'x' } }), 'proof_malformed'],
  ['JSON that is nested deep', () => sent({ claims: { more: nested } }), 'proof_malformed'],
  ['typ JWT', () => sent({ header: { typ: 'JWT' } }), 'proof_malformed'],
  ['no typ', () => sent({ header: { typ: undefined } }), 'proof_malformed'],
  ['typ with a prefix', () => sent({ header: { typ: 'application/dpop+jwt' } }), 'proof_malformed'],
  ['a critical header', () => sent({ header: { crit: ['exp'] } }), 'proof_malformed'],
  ['the access token as its proof', () => sent({}, { headers: { dpop: token } }), 'proof_malformed'],
  ['alg none', () => sent({ header: { alg: 'none' } }), 'proof_algorithm_not_allowed'],
  ['alg HS256', () => sent({ header: { alg: 'HS256' } }), 'proof_algorithm_not_allowed'],
  [
    'alg RS256, which is not in the list',
    () => sent({ header: { alg: 'RS256' } }),
    'proof_algorithm_not_allowed',
  ],
  ['alg that is a list', () => sent({ header: { alg: ['ES256'] } }), 'proof_algorithm_not_allowed'],
  ['no jwk', () => sent({ header: { jwk: undefined } }), 'proof_malformed'],
  [
    'jwk that is a text',
    () => sent({ header: { jwk: JSON.stringify(client.publicJwk) } }),
    'proof_malformed',
  ],
  [
    'jwk without y',
    () => sent({ header: { jwk: { ...client.publicJwk, y: undefined } } }),
    'proof_malformed',
  ],
  [
    'jwk with an x that is a list',
    () => sent({ header: { jwk: { ...client.publicJwk, x: ['x'] } } }),
    'proof_malformed',
  ],
  [
    'jwk with a quote in x',
    () => sent({ header: { jwk: { ...client.publicJwk, x: '"' } } }),
    'proof_malformed',
  ],
  ['a private key', () => sent({ header: { jwk: { ...client.publicJwk, d } } }), 'proof_malformed'],
  ['a symmetric key', () => sent({ header: { jwk: { kty: 'oct', k: 'x' } } }), 'proof_key_unsuitable'],
  ['a key of another curve', () => sent({ header: { jwk: jwkOf(ec384) } }), 'proof_key_unsuitable'],
  ['a key of secp256k1', () => sent({ header: { jwk: secp256k1 } }), 'proof_key_unsuitable'],
  ['an RSA key where alg is ES256', () => sent({ header: { jwk: jwkOf(rsa1024) } }), 'proof_key_unsuitable'],
  ['a signature of another key', () => sent({ signer: thief.signer }), 'proof_signature_invalid'],
  ['another method', () => sent({ claims: { htm: 'POST' } }), 'proof_method_mismatch'],
  ['another case of the method', () => sent({ claims: { htm: 'get' } }), 'proof_method_mismatch'],
  ['another path', () => sent({ url: 'https://orders.example.com/orders/1' }), 'proof_target_mismatch'],
  ['a slash at the end', () => sent({ url: 'https://orders.example.com/orders/' }), 'proof_target_mismatch'],
  ['another host', () => sent({ url: 'https://billing.example.com/orders' }), 'proof_target_mismatch'],
  ['another port', () => sent({ url: 'https://orders.example.com:8443/orders' }), 'proof_target_mismatch'],
  ['http', () => sent({ url: 'http://orders.example.com/orders' }), 'proof_target_mismatch'],
  ['a path alone', () => sent({ url: '/orders' }), 'proof_malformed'],
  [
    'the ath of another token',
    () => sent({ claims: { ath: createHash('sha256').update('x').digest('base64url') } }),
    'proof_token_mismatch',
  ],
  ['no ath', () => sent({ claims: { ath: undefined } }), 'proof_token_mismatch'],
  [
    'an ath in hex',
    () => sent({ claims: { ath: createHash('sha256').update(token).digest('hex') } }),
    'proof_token_mismatch',
  ],
  ['no jti', () => sent({ claims: { jti: undefined } }), 'proof_malformed'],
  ['an empty jti', () => sent({ claims: { jti: '' } }), 'proof_malformed'],
  ['a jti that is a number', () => sent({ claims: { jti: 1 } }), 'proof_malformed'],
  ['a jti of 257 characters', () => sent({ claims: { jti: long } }), 'proof_malformed'],
  ['no htm', () => sent({ claims: { htm: undefined } }), 'proof_malformed'],
  ['no htu', () => sent({ claims: { htu: undefined } }), 'proof_malformed'],
  ['no iat', () => sent({ claims: { iat: undefined } }), 'proof_malformed'],
  ['an iat that is a text', () => sent({ claims: { iat: String(NOW_SECONDS) } }), 'proof_malformed'],
  ['an old proof', () => sent({ claims: { iat: NOW_SECONDS - 90 } }), 'proof_expired'],
  ['a proof of the future', () => sent({ claims: { iat: NOW_SECONDS + 31 } }), 'proof_not_yet_valid'],
];
for (const [title, send, reason] of refused)
  test(`DPoP – denies ${title} (RFC 9449 §4.3)`, async (t) => {
    isRefused(t, await send(), reason);
  });

const accepted: [string, Partial<ProvenRequest>, Presented?][] = [
  ['the oldest proof', { claims: { iat: NOW_SECONDS - 89 } }],
  ['a clock that is ahead', { claims: { iat: NOW_SECONDS + 30 } }],
  ['an iat with a fraction', { claims: { iat: NOW_SECONDS + 0.5 } }],
  ['a jti of 256 characters', { claims: { jti: long.slice(1) } }],
  ['claims that nobody knows', { claims: { more: { of: ['them'] } } }],
  ['a nonce that nobody asked for', { claims: { nonce: 'x' } }],
  ['more members of jwk', { header: { jwk: { ...client.publicJwk, kid: 'x', alg: 'ES256', use: 'sig' } } }],
  ['a query in the request', {}, { path: '/orders?a=b' }],
  ['a query in htu', { url: 'https://orders.example.com/orders?other' }],
  ['the default port in htu', { url: 'HTTPS://orders.example.com:443/orders' }],
  ['the default port in Host', {}, { host: 'ORDERS.example.com:443' }],
  ['another method', { method: 'DELETE' }],
];
for (const [title, parts, more] of accepted)
  test(`DPoP – accepts ${title} (RFC 9449 §4.3)`, async (t) => {
    isAllowed(t, await sent(parts, more));
  });

test('DPoP – a key that is too short is refused, although its signature is right (RFC 9449 §4.3)', async (t) => {
  const jwk = jwkOf(rsa1024);
  const { e = '', kty = '', n = '' } = jwk;
  const thumbprint = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
  const weak = { token: bindTo(thumbprint), signer: rsa1024, header: { jwk } };
  isRefused(t, await world.check(client.presents(weak)), 'proof_key_unsuitable');
  // As expensive to verify as to sign.
  isRefused(
    t,
    await sent({ signer: rsa1024, header: { jwk: { ...jwk, e: 'AQABAQAB' } } }),
    'proof_key_unsuitable',
  );
});

test('DPoP – a point that is not on the curve is refused (RFC 7518 §6.2.1.2)', async (t) => {
  const jwk = { ...client.publicJwk, y: client.publicJwk.x };
  const { crv, kty, x, y } = jwk;
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  isRefused(t, await sent({ token: bindTo(thumbprint), header: { jwk } }), 'proof_key_unsuitable');
});

test('DPoP – a bound token is no plain token, whatever else the rule accepts (RFC 9449 §7.1)', async (t) => {
  const at = (path: string, more: Presented) => world.check({ path, certificate: shop, ...more });
  isRefused(t, await at('/all', { token }), 'token_scheme_downgraded');
  isRefused(t, await at('/none', { token }), 'confirmation_unproven');
  isRefused(t, await at('/certificate', { token }), 'confirmation_unproven');
  isRefused(t, await at('/certificate', client.presents({ token })), 'confirmation_unproven');
  const workload = bindTo(client.thumbprint, { client_id: 'shop' });
  isRefused(t, await at('/all', { token: workload }), 'token_scheme_downgraded');
  const both = signer.sign(goodClaims({ cnf: { jkt: client.thumbprint, 'x5t#S256': shop.thumbprint } }));
  isRefused(t, await at('/all', client.presents({ token: both })), 'confirmation_unsupported');
});

test('DPoP – the scheme says that the token is bound to a key, so no other token passes with it (RFC 9449 §7.1)', async (t) => {
  const certificate = signer.sign(goodClaims({ cnf: { 'x5t#S256': shop.thumbprint } }));
  for (const other of [plain, certificate]) {
    const presented = client.presents({ token: other, url: 'https://orders.example.com/all' });
    isRefused(t, await world.check({ ...presented, path: '/all', certificate: shop }), 'binding_missing');
  }
  isAllowed(t, await world.check({ token: certificate, path: '/all', certificate: shop }));
  isAllowed(t, await world.check({ token: plain, path: '/all' }));
});

test('DPoP – the address of clients is configured by Host, and no header changes it (RFC 9449 §4.3)', async (t) => {
  const behind = await openWorld({
    origins: { 'orders.internal:8080': 'https://api.example.com/v1', localhost: 'http://localhost' },
  });
  const check = (host: string, url: string, headers: Record<string, string> = {}) => {
    const { authorization, headers: own } = client.presents({ token, url });
    return behind.check({ authorization, host, headers: { ...own, ...headers } } as Presented);
  };
  isAllowed(t, await check('orders.internal:8080', 'https://api.example.com/v1/orders'));
  isAllowed(t, await check('Orders.Internal:8080', 'https://api.example.com:443/v1/orders'));
  isAllowed(t, await check('localhost', 'http://localhost:80/orders'));
  isAllowed(t, await check('other.example.com', 'https://other.example.com/orders'));
  isRefused(
    t,
    await check('orders.internal:8080', 'https://orders.internal:8080/orders'),
    'proof_target_mismatch',
  );
  const forwarded = {
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-proto': 'https',
    forwarded: 'host=api.example.com',
  };
  isRefused(
    t,
    await check('x.example.com', 'https://api.example.com/orders', forwarded),
    'proof_target_mismatch',
  );
});

test('DPoP – with nonces, a proof needs the one of the answer, and its clock does not count (RFC 9449 §8)', async (t) => {
  const asking = await openWorld({ nonce: {} });
  const check = (claims: Claims) => asking.check(client.presents({ token, claims }));
  const first = await check({});
  isRefused(t, first, 'proof_nonce_missing');
  const nonce = first.response.deniedResponse?.headers?.find(({ header }) => header?.key === 'dpop-nonce')
    ?.header?.value;
  t.regex(nonce ?? '', /^[\w-]{22}$/);
  isAllowed(t, await check({ nonce }));
  isAllowed(t, await check({ nonce, iat: NOW_SECONDS - 3_600 }));
  isAllowed(t, await check({ nonce, iat: NOW_SECONDS + 3_600 }));
  for (const other of ['x', '', 1, null, [nonce]])
    isRefused(t, await check({ nonce: other }), 'proof_nonce_expired');
  asking.clock.now += 300_000;
  const later = { exp: asking.clock.now / 1000 + 300 };
  const fresh = bindTo(client.thumbprint, later);
  isAllowed(t, await asking.check(client.presents({ token: fresh, claims: { nonce } })));
  asking.clock.now += 300_000;
  isRefused(
    t,
    await asking.check(
      client.presents({ token: bindTo(client.thumbprint, { exp: later.exp + 600 }), claims: { nonce } }),
    ),
    'proof_nonce_expired',
  );
});

test('DPoP – a proof says what must not be used twice, and until when: its jti with its key (RFC 9449 §11.1)', (t) => {
  const once = ({ claims, nonces }: { claims?: Claims; nonces?: Nonces }, own = client) => {
    const request = { token, ...(claims && { claims }) };
    const headers = { dpop: own.proof(request) };
    const settings = { ...world.policy.proofs, dpop: { ...world.policy.proofs.dpop, nonces } };
    const found = dpop.prove({
      ...{ settings, now: NOW, peer: undefined, clients: new Map(), token: {} as VerifiedToken },
      confirmation: { member: 'jkt', value: own.thumbprint },
      request: { method: 'GET', host: 'orders.example.com', path: '/orders', headers },
      presented: { token, scheme: 'dpop' },
    });
    return found && 'id' in found ? found : t.fail(JSON.stringify(found)) || ({ id: '', until: 0 } as const);
  };
  const first = once({ claims: { jti: 'a' } });
  t.regex(first.id, /^[\w-]{43}$/);
  t.is(first.until, NOW + 90_000);
  t.is(once({ claims: { jti: 'a', iat: NOW_SECONDS - 60 } }).id, first.id);
  t.is(once({ claims: { jti: 'a', iat: NOW_SECONDS - 60 } }).until, NOW + 30_000);
  t.not(once({ claims: { jti: 'b' } }).id, first.id);
  t.not(once({ claims: { jti: 'a' } }, thief).id, first.id);
  const nonces = createNonces([{ key: Buffer.from('k'), until: Number.POSITIVE_INFINITY }], 300_000);
  const { until } = once({ claims: { nonce: nonces.current(NOW) }, nonces });
  t.is(until, NOW - (NOW % 300_000) + 600_000);
});

test('DPoP – only a key that has signed a proof is remembered', async (t) => {
  const fresh = await openWorld();
  const keys = fresh.policy.proofs.dpop?.keys;
  await fresh.check(client.presents({ token, signer: thief.signer }));
  t.is(keys?.size, 0);
  isAllowed(t, await fresh.check(client.presents({ token })));
  t.is(keys?.size, 1);
});
