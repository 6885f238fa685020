import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type AlgorithmName, algorithms } from '../core/token/algorithms.ts';
import type { JsonObject } from '../lib/json.ts';

/** The cheap ones first. */
const preferred: readonly AlgorithmName[] = ['ES256', 'EdDSA', 'Ed25519', 'ES384', 'ES512', 'RS256', 'PS256'];

/** The accepted algorithm that is signed with in the shortest time. */
export function cheapest(accepted: readonly AlgorithmName[]): AlgorithmName {
  return preferred.find((one) => accepted.includes(one)) ?? accepted[0] ?? 'ES256';
}

/**
 * Signs at once: a comparison signs thousands of tokens, and jose waits for another thread for each of them.
 * With another `alg` in the header than the key's, the signature is invalid.
 */
export function signToken(claims: JsonObject, header: JsonObject, alg: AlgorithmName): string {
  const encode = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg, ...header })}.${encode(claims)}`;
  const digest = algorithms[alg].kty === 'OKP' ? null : `sha${alg.slice(2)}`;
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const { privateKey: key } = keyPair(alg);
  const options = { key, dsaEncoding: 'ieee-p1363' as const, ...(alg.startsWith('PS') && pss) };
  return `${input}.${sign(digest, Buffer.from(input), options).toString('base64url')}`;
}

const pairs = new Map<AlgorithmName, { publicKey: KeyObject; privateKey: KeyObject }>();

/** One pair for an algorithm: a token says whose it is by its `iss`, and an RSA key takes long to make. */
export function keyPair(alg: AlgorithmName) {
  const known = pairs.get(alg);
  if (known) return known;
  const { kty, crv } = algorithms[alg];
  const pair =
    kty === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kty === 'EC'
        ? generateKeyPairSync('ec', { namedCurve: crv ?? 'P-256' })
        : generateKeyPairSync('ed25519');
  pairs.set(alg, pair);
  return pair;
}
