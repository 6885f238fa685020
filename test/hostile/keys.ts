import { generateKeyPairSync, hash, sign as signBytes } from 'node:crypto';
import { type Claims, createSigner, encodePart, type JwtSigner } from '../support/jwt-signer.ts';
import { type KeyPair, rsaKeyPair } from './rsa-keys.ts';

/** Keys in the issuer's set that must not verify anything. Each has its name as `kid`. */
export interface OddKeys {
  readonly odd: Readonly<Record<OddKey, OddSigner>>;
  /** Five keys of one name, and five without any: more than are tried. */
  readonly crowd: readonly JwtSigner[];
  readonly anonymous: readonly JwtSigner[];
}

/** By their `kid`, which says what is odd. */
export type OddKey =
  | 'enc'
  | 'key-ops'
  | 'sign-only'
  | 'rsa-1024'
  | 'rsa-2040'
  | 'rsa-e1'
  | 'mislabelled'
  | 'alg-none'
  | 'alg-hmac'
  | 'secp256k1'
  | 'ed448'
  | 'use-array'
  | 'x509-svid';

/** Signs as JWS would, with a key that no library would take. */
export interface OddSigner {
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly alg: string;
  sign(claims: Claims, header?: Claims): string;
}

/** A shared secret that an issuer published by mistake. */
export const publishedSecret = Buffer.from('a secret that stands in a public set');

/** As it stands in the set. */
export const publishedSecretJwk = {
  kty: 'oct',
  kid: 'published',
  alg: 'HS256',
  use: 'sig',
  k: publishedSecret.toString('base64url'),
};

/** Makes all of them, new for each run but those of RSA. */
export function createOddKeys(): OddKeys {
  const rsa = (kid: OddKey, members: object, modulusLength = 2048) =>
    odd(kid, 'RS256', 'sha256', members, rsaKeyPair(modulusLength));
  const ec = (kid: OddKey, alg: string, namedCurve: string, members: object) =>
    odd(
      kid,
      alg,
      namedCurve === 'P-384' ? 'sha384' : 'sha256',
      members,
      generateKeyPairSync('ec', { namedCurve }),
    );
  const list = [
    rsa('enc', { use: 'enc' }),
    ec('key-ops', 'ES256', 'P-256', { use: undefined, key_ops: ['encrypt', 'wrapKey'] }),
    ec('sign-only', 'ES256', 'P-256', { key_ops: ['sign'] }),
    rsa('rsa-1024', {}, 1024),
    rsa('rsa-2040', {}, 2040),
    keyless(),
    ec('mislabelled', 'ES384', 'P-384', { alg: 'ES256' }),
    ec('alg-none', 'ES256', 'P-256', { alg: 'none' }),
    ec('alg-hmac', 'ES256', 'P-256', { alg: 'HS256' }),
    ec('secp256k1', 'ES256K', 'secp256k1', {}),
    odd('ed448', 'EdDSA', null, {}, generateKeyPairSync('ed448')),
    ec('use-array', 'ES256', 'P-256', { use: ['sig'] }),
    ec('x509-svid', 'ES256', 'P-256', { use: 'x509-svid' }),
  ] as const;
  return {
    odd: Object.fromEntries(list.map((key) => [key.jwk.kid, key])) as Record<OddKey, OddSigner>,
    crowd: Array.from({ length: 5 }, () => createSigner('ES256', { kid: 'crowd' })),
    anonymous: Array.from({ length: 5 }, () => createSigner('ES256', { kid: null })),
  };
}

function odd(
  kid: OddKey,
  alg: string,
  digest: string | null,
  members: object,
  { publicKey, privateKey }: KeyPair,
): OddSigner {
  return {
    // What is undefined is not in the set, once it is written as JSON.
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...members },
    alg,
    sign(claims, header = {}) {
      const input = `${encodePart({ alg, kid, typ: 'JWT', ...header })}.${encodePart(claims)}`;
      const bytes = signBytes(digest, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${input}.${bytes.toString('base64url')}`;
    },
  };
}

/** An RSA key with the exponent 1, whose signatures everyone can compute (RFC 8017 §3.1: at least 3). */
function keyless(): OddSigner {
  const { publicKey } = rsaKeyPair();
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), e: 'AQ', kid: 'rsa-e1', alg: 'RS256', use: 'sig' },
    alg: 'RS256',
    sign(claims, header = {}) {
      const input = `${encodePart({ alg: 'RS256', kid: 'rsa-e1', typ: 'JWT', ...header })}.${encodePart(claims)}`;
      const info = Buffer.concat([prefix, hash('sha256', input, 'buffer')]);
      const filler = Buffer.alloc(256 - 3 - info.length, 0xff);
      return `${input}.${Buffer.concat([Buffer.of(0, 1), filler, Buffer.of(0), info]).toString('base64url')}`;
    },
  };
}
