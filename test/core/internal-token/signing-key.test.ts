import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { calculateJwkThumbprint } from 'jose';
import { isSignedBy, parseSigningKey, signWith } from '../../../src/core/internal-token/signing-key.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { pemKey } from '../../support/internal-token.ts';

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwkOf = ({ privateKey }: typeof p256) => privateKey.export({ format: 'jwk' });

const good: Record<string, [text: string, algorithm: string]> = {
  'P-256 in PKCS#8': [pemKey('ES256'), 'ES256'],
  'P-256 in SEC 1': [p256.privateKey.export({ type: 'sec1', format: 'pem' }) as string, 'ES256'],
  'Ed25519 in PKCS#8': [pemKey('EdDSA'), 'EdDSA'],
  'RSA in PKCS#8': [pemKey('RS256'), 'RS256'],
  'RSA in PKCS#1': [
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs1',
      format: 'pem',
    }) as string,
    'RS256',
  ],
  'P-256 as a JWK': [JSON.stringify(jwkOf(p256)), 'ES256'],
  'a JWK with spaces and a kid of its own': [
    `\n${JSON.stringify({ ...jwkOf(p256), kid: 'mine' })}\n`,
    'ES256',
  ],
};
for (const [title, [text, algorithm]] of Object.entries(good))
  test(`signing key – reads ${title}`, async (t) => {
    const key = parseSigningKey(text);
    if (key instanceof Malformed) return t.fail(key.why);
    t.is(key.algorithm, algorithm as never);
    t.is(key.kid, await calculateJwkThumbprint(key.published));
    t.false(['d', 'p', 'q', 'dp', 'dq', 'qi'].some((name) => name in key.published));
    t.like(key.published, { kid: key.kid, alg: algorithm, use: 'sig' });
    const signature = Buffer.from(signWith(key, 'text'), 'base64url');
    t.true(isSignedBy(key, Buffer.from('text'), signature));
    t.false(isSignedBy(key, Buffer.from('another'), signature));
    return t.false(isSignedBy(key, Buffer.from('text'), Buffer.from('x')));
  });

test('signing key – is published with the key that a verifier makes of its private half', (t) => {
  const key = parseSigningKey(JSON.stringify(jwkOf(p256)));
  if (key instanceof Malformed) return t.fail(key.why);
  return t.true(key.publicKey.equals(createPublicKey(p256.privateKey)));
});

const bad: Record<string, [text: string, why: RegExp]> = {
  nothing: ['', /not a private key/],
  'a public key': [p256.publicKey.export({ type: 'spki', format: 'pem' }) as string, /not a private key/],
  'a public JWK': [JSON.stringify(p256.publicKey.export({ format: 'jwk' })), /has no d/],
  'an encrypted key': [
    p256.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    }) as string,
    /is encrypted/,
  ],
  'a key of P-384': [
    generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }) as string,
    /P-256/,
  ],
  'RSA of 1024 bits': [
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }) as string,
    /2048/,
  ],
  'a symmetric JWK': ['{"kty":"oct","k":"c2VjcmV0"}', /has no d/],
  'a set of keys': [JSON.stringify({ keys: [jwkOf(p256)] }), /has no d/],
  'a public half of another key': [
    JSON.stringify({ ...jwkOf(p256), x: jwkOf(other).x, y: jwkOf(other).y }),
    /does not belong|not a private key/,
  ],
  'JSON that is cut off': ['{"kty":"EC","d":', /not a private key/],
  null: ['{}', /has no d/],
};
for (const [title, [text, why]] of Object.entries(bad))
  test(`signing key – refuses ${title}, and never quotes it`, (t) => {
    const key = parseSigningKey(text);
    if (!(key instanceof Malformed)) return t.fail();
    t.regex(key.why, why);
    const secret = jwkOf(p256).d ?? '';
    return t.false(key.why.includes(secret.slice(0, 8)));
  });
