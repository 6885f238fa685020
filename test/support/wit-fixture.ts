import { createHash, randomUUID } from 'node:crypto';
import type { ConfigInput } from '../../src/config/schema.ts';
import { NOW } from './check-world.ts';
import { type Claims, createSigner, type JwtSigner } from './jwt-signer.ts';
import { SHOP, TRUST_DOMAIN } from './workload-fixture.ts';

/** The key of a workload as a WIT holds it: public, with the algorithm of its proofs. */
export function confirmationOf({ publicKey, alg }: JwtSigner): Claims {
  return { jwk: { ...publicKey.export({ format: 'jwk' }), alg } };
}

/** A WIT of the shop that is good for an hour. */
export function witClaims(holder: JwtSigner, more: Claims = {}, now = NOW): Claims {
  const seconds = Math.floor(now / 1000);
  return { sub: SHOP, iat: seconds - 60, exp: seconds + 3_600, cnf: confirmationOf(holder), ...more };
}

/** As WIT-SVID §2 wants its header. */
export function signWit(issuer: JwtSigner, claims: Claims, header: Claims = {}): string {
  return issuer.sign(claims, { typ: 'wit+jwt', ...header });
}

/** A proof for GET https://orders.example.com/orders that is good for a minute, as draft-ietf-wimse-wpt-02 §2 wants it. */
export function signWpt(
  holder: JwtSigner,
  wit: string,
  more: Claims = {},
  header: Claims = {},
  now = NOW,
): string {
  const claims = {
    aud: 'https://orders.example.com/orders',
    exp: Math.floor(now / 1000) + 60,
    jti: randomUUID(),
    wth: digestOf(wit),
    ...more,
  };
  return holder.sign(claims, { kid: undefined, typ: 'wpt+jwt', ...header });
}

/** Base64url of the SHA-256. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** A WIT and its proof as wpt-02 sends them. */
export function witHeaders(wit: string, wpt: string): Record<string, string> {
  return { 'workload-identity-token': wit, authorization: `WPT ${wpt}` };
}

/** Keys of the trust domain as its SPIFFE bundle has them (WIT-SVID §6). */
export function bundleOf(...issuers: readonly JwtSigner[]) {
  return {
    keys: issuers.map(({ publicJwk: { alg: _, ...jwk } }) => ({ ...jwk, use: 'wit-svid' })) as Record<
      string,
      unknown
    >[],
    spiffe_refresh_hint: 300,
  };
}

/** One rule for every request that accepts the WITs of one trust domain. */
export function witConfig(issuer: JwtSigner, more: Partial<ConfigInput> = {}): ConfigInput {
  return {
    issuers: { spire: { accept: 'wit', trustDomain: TRUST_DOMAIN, jwks: bundleOf(issuer) } },
    wit: { origins: { 'orders.example.com': 'https://orders.example.com' } },
    rules: [{ name: 'wit', require: { credential: 'wit', issuers: ['spire'] } }],
    ...more,
  };
}

export function createWorkloadKeys() {
  return { issuer: createSigner('ES256'), shop: createSigner('ES256'), till: createSigner('ES256') };
}
