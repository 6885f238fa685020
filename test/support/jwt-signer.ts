import { generateKeyPairSync, type KeyObject, randomUUID, sign as signBytes } from 'node:crypto';

/** What a signer can be. RS256 with 1024 bits exists to be refused. */
export type SignerAlgorithm = 'RS256' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA';

export type Claims = Record<string, unknown>;

export interface SignerOptions {
  /** Random by default; null leaves it out of the header and of the JWK. */
  kid?: string | null;
  /** RSA only; 2048 by default. */
  modulusLength?: number;
  /** The key pair, if it is there already. */
  keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/** A key pair of an issuer that signs whatever it is told to. */
export interface JwtSigner {
  readonly alg: SignerAlgorithm;
  readonly kid: string | null;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** SPKI PEM. */
  readonly publicPem: string;
  /** With `kid`, `alg` and `use`. */
  readonly publicJwk: Record<string, unknown>;
  /** A JWT with `alg`, `kid` and `typ: JWT` unless `header` says otherwise; undefined members are left out. */
  sign(claims: Claims, header?: Claims): string;
  /** Signs bytes as JWS does. */
  signature(input: string): Buffer;
}

const DIGESTS: Record<SignerAlgorithm, string | null> = {
  RS256: 'sha256',
  RS512: 'sha512',
  PS256: 'sha256',
  ES256: 'sha256',
  ES384: 'sha384',
  EdDSA: null,
};
const PSS_PADDING = 6;
const PSS_SALT_IS_DIGEST = -1;

function generate(alg: SignerAlgorithm, modulusLength: number) {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519');
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (alg === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' });
  return generateKeyPairSync('rsa', { modulusLength });
}

/** Base64url of a text or of the JSON of a value. */
export function encodePart(part: unknown): string {
  const text = typeof part === 'string' ? part : JSON.stringify(part);
  return Buffer.from(text).toString('base64url');
}

/**
 * Makes a key pair. It signs with node:crypto and not with jose, since jose rightly refuses keys, headers and claims
 * that a hostile issuer would use.
 */
export function createSigner(alg: SignerAlgorithm, options: SignerOptions = {}): JwtSigner {
  const { publicKey, privateKey } = options.keys ?? generate(alg, options.modulusLength ?? 2048);
  const kid = options.kid === undefined ? randomUUID() : options.kid;
  const signature = (input: string): Buffer =>
    signBytes(DIGESTS[alg], Buffer.from(input), {
      key: privateKey,
      // JWS wants r and s side by side (RFC 7518 §3.4), not DER.
      dsaEncoding: 'ieee-p1363',
      ...(alg === 'PS256' ? { padding: PSS_PADDING, saltLength: PSS_SALT_IS_DIGEST } : {}),
    });
  return {
    alg,
    kid,
    publicKey,
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    publicJwk: {
      ...publicKey.export({ format: 'jwk' }),
      ...(kid === null ? {} : { kid }),
      alg,
      use: 'sig',
    },
    signature,
    sign: (claims, header = {}) => {
      const input = `${encodePart({ alg, ...(kid === null ? {} : { kid }), typ: 'JWT', ...header })}.${encodePart(claims)}`;
      return `${input}.${signature(input).toString('base64url')}`;
    },
  };
}

/** A token from parts that no library would make: any text or JSON as header and payload, any bytes as signature. */
export function assembleJwt(parts: {
  header: unknown;
  payload: unknown;
  signature?: Uint8Array;
  signer?: JwtSigner;
}): string {
  const input = `${encodePart(parts.header)}.${encodePart(parts.payload)}`;
  const bytes = parts.signature ?? parts.signer?.signature(input) ?? new Uint8Array();
  return `${input}.${Buffer.from(bytes).toString('base64url')}`;
}
