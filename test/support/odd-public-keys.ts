import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Public keys that no certificate of a workload should have, by what is odd about them. */
export const oddPublicKeys = {
  'RSA 1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey,
  'RSA 16384': () => rsaOf(16_384),
  'RSA with the exponent 1': () => rsaOf(2048, 'AQ'),
  'RSA-PSS': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey,
  DSA: () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey,
  'P-192': () => generateKeyPairSync('ec', { namedCurve: 'prime192v1' }).publicKey,
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
  Ed448: () => generateKeyPairSync('ed448').publicKey,
  X25519: () => generateKeyPairSync('x25519').publicKey,
} satisfies Record<string, () => KeyObject>;

/** P-256, whose parameters are written out instead of named. */
export function explicitP256(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }).publicKey;
}

/** Nobody knows its factors, and it takes no time to make. */
function rsaOf(bits: number, e = 'AQAB'): KeyObject {
  const n = Buffer.alloc(bits / 8, 0xab).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
}
