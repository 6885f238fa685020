import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { parseJwks, parsePemKey } from '../../../src/core/token/keys.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { createCa } from '../../support/ca.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const rsa = createSigner('RS256');
const p256 = createSigner('ES256');
const edwards = createSigner('EdDSA');

const notForSignatures: [string, Record<string, unknown>][] = [
  ['use enc (RFC 7517 §4.2)', { use: 'enc' }],
  ['use in another case (RFC 7517 §4.2)', { use: 'SIG' }],
  ['use of another kind (RFC 7517 §4.2)', { use: null }],
  ['key_ops without verify (RFC 7517 §4.3)', { use: undefined, key_ops: ['sign', 'encrypt'] }],
  ['key_ops empty (RFC 7517 §4.3)', { use: undefined, key_ops: [] }],
  ['key_ops as a string (RFC 7517 §4.3)', { use: undefined, key_ops: 'verify' }],
  ['key_ops null (RFC 7517 §4.3)', { use: undefined, key_ops: null }],
  ['alg of another type (RFC 7517 §4.4)', { alg: 'RS256' }],
  ['alg of another curve (RFC 7517 §4.4)', { alg: 'ES384' }],
  ['alg for encryption (RFC 7517 §4.4)', { alg: 'ECDH-ES' }],
  ['alg none (RFC 7517 §4.4)', { alg: 'none' }],
  ['alg that is a number (RFC 7517 §4.4)', { alg: 256 }],
  ['kty that is another (RFC 7517 §4.1)', { kty: 'RSA' }],
  ['kty in another case (RFC 7517 §4.1)', { kty: 'ec' }],
  ['kty absent (RFC 7517 §4.1)', { kty: undefined }],
  ['crv that is another (RFC 7518 §6.2.1)', { crv: 'P-384' }],
  ['crv of a curve without an algorithm (RFC 7518 §6.2.1)', { crv: 'secp256k1' }],
  ['a point that is not on the curve (RFC 7518 §6.2.1)', { y: p256.publicJwk.x }],
  ['a coordinate that is missing (RFC 7518 §6.2.1)', { y: undefined }],
];
for (const [title, change] of notForSignatures)
  test(`JWK – a key with ${title} is not used`, async (t) => {
    const jwk = Object.fromEntries(
      Object.entries({ ...p256.publicJwk, ...change }).filter(([, value]) => value !== undefined),
    );
    t.deepEqual(parseJwks({ keys: [jwk] }), []);
    const world = await createTokenWorld([rsa, jwk]);
    isRefused(t, await world.check({ token: p256.sign(goodClaims()) }), 'token_key_unknown');
  });

const forSignatures: [string, Record<string, unknown>][] = [
  ['no use', { use: undefined }],
  ['no alg', { alg: undefined }],
  ['key_ops with verify among others', { use: undefined, key_ops: ['sign', 'verify'] }],
  ['members that nobody knows', { x5c: ['AAAA'], x5u: 'https://evil.example', exp: 1 }],
];
for (const [title, change] of forSignatures)
  test(`JWK – accepts a key with ${title} (RFC 7517 §4)`, async (t) => {
    const jwk = JSON.parse(JSON.stringify({ ...p256.publicJwk, ...change }));
    const world = await createTokenWorld([jwk]);
    isAllowed(t, await world.check({ token: p256.sign(goodClaims()) }));
  });

const notKeys: [string, unknown][] = [
  ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', kid: 'a' }],
  ['X25519', { kty: 'OKP', crv: 'X25519', x: edwards.publicJwk.x }],
  ['Ed448', { ...generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' }) }],
  ['null', null],
  ['a string', 'key'],
  ['a list', []],
];
for (const [title, jwk] of notKeys)
  test(`JWK Set – passes over ${title} and keeps the rest (RFC 7517 §5)`, (t) => {
    const keys = parseJwks({ keys: [jwk, p256.publicJwk] });
    if (keys instanceof Malformed) return t.fail(keys.why);
    t.deepEqual(
      keys.map(({ kid }) => kid),
      [p256.kid ?? undefined],
    );
  });

for (const document of [undefined, null, [], {}, 'x', 1, { keys: {} }, { keys: null }, { keys: 'x' }])
  test(`JWK Set – ${JSON.stringify(document)} is refused (RFC 7517 §5)`, (t) => {
    t.true(parseJwks(document) instanceof Malformed);
  });

test('JWK Set – a hundred keys are read and one more is too many', (t) => {
  const keys = Array.from({ length: 101 }, (_, index) => ({ ...p256.publicJwk, kid: `key-${index}` }));
  const hundred = parseJwks({ keys: keys.slice(1) });
  t.is(hundred instanceof Malformed ? 0 : hundred.length, 100);
  t.true(parseJwks({ keys }) instanceof Malformed);
});

test('JWK Set – a kid that is not a string is ignored (RFC 7517 §4.5)', (t) => {
  const keys = parseJwks({ keys: [{ ...p256.publicJwk, kid: 7 }] });
  t.is(keys instanceof Malformed ? 'malformed' : keys[0]?.kid, undefined);
});

test('PEM key – an RSA, EC or Ed25519 public key or a certificate, for all algorithms of its type', async (t) => {
  const { certPem } = await (await createCa()).issue({ keyType: 'ec384' });
  const expected: [string, string[]][] = [
    [rsa.publicPem, ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']],
    [p256.publicPem, ['ES256']],
    [edwards.publicPem, ['Ed25519', 'EdDSA']],
    [certPem, ['ES384']],
  ];
  for (const [pem, algorithms] of expected) {
    const key = parsePemKey(pem);
    t.deepEqual(key instanceof Malformed ? key.why : [...key.algorithms].sort(), algorithms);
  }
});

const pem = (pair: { publicKey: { export(options: object): unknown } }) =>
  String(pair.publicKey.export({ type: 'spki', format: 'pem' }));
const notPem: [string, string][] = [
  ['nothing', ''],
  ['a sentence', 'a key'],
  ['an RSA key of 1024 bits', createSigner('RS256', { modulusLength: 1024 }).publicPem],
  ['a key of X25519', pem(generateKeyPairSync('x25519'))],
  ['a key of a curve without an algorithm', pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))],
  ['a key pinned to PSS', pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))],
  ['a PEM cut short', p256.publicPem.slice(0, 60)],
];
for (const [title, text] of notPem)
  test(`PEM key – ${title} is refused (RFC 7468 §13)`, (t) => {
    t.true(parsePemKey(text) instanceof Malformed);
  });
