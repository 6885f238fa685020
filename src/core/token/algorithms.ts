import { constants, type KeyObject, verify } from 'node:crypto';

/** How one JWS algorithm verifies signatures (RFC 7518 §3.1, RFC 8037 §3.1). */
interface Algorithm {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  /** The curve. Absent for RSA. */
  readonly crv?: string;
  readonly check: (input: Buffer, key: KeyObject, signature: Buffer) => boolean;
}

const pkcs1 = (digest: string): Algorithm => ({
  kty: 'RSA',
  check: (input, key, signature) => verify(digest, input, key, signature),
});
const pss = (digest: string, saltLength: number): Algorithm => ({
  kty: 'RSA',
  check: (input, key, signature) =>
    verify(digest, input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature),
});
const ecdsa = (digest: string, crv: string): Algorithm => ({
  kty: 'EC',
  crv,
  check: (input, key, signature) => verify(digest, input, { key, dsaEncoding: 'ieee-p1363' }, signature),
});
const ed25519: Algorithm = {
  kty: 'OKP',
  crv: 'Ed25519',
  check: (input, key, signature) => verify(null, input, key, signature),
};

/**
 * All supported algorithms. `none` and HMAC have no row, so they cannot be configured. The functions are
 * synchronous because a check waits for nothing else, and the asynchronous ones take twice as long.
 */
const table = {
  RS256: pkcs1('sha256'),
  RS384: pkcs1('sha384'),
  RS512: pkcs1('sha512'),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  ES256: ecdsa('sha256', 'P-256'),
  ES384: ecdsa('sha384', 'P-384'),
  ES512: ecdsa('sha512', 'P-521'),
  EdDSA: ed25519,
  Ed25519: ed25519, // RFC 9864's name for it
} as const satisfies Record<string, Algorithm>;

export type AlgorithmName = keyof typeof table;
export const algorithmNames = Object.keys(table) as AlgorithmName[];
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = table;

/** Whether `alg` names a row. Only own properties count, so an inherited name never matches. */
export function isAlgorithm(alg: unknown): alg is AlgorithmName {
  return typeof alg === 'string' && Object.hasOwn(table, alg);
}
