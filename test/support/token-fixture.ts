import type { ConfigInput } from '../../src/config/schema.ts';
import { type CheckWorld, createCheckWorld, NOW } from './check-world.ts';
import type { Claims, JwtSigner } from './jwt-signer.ts';

export const ISSUER = 'https://login.example.com';
export const OTHER_ISSUER = 'https://partner.example.net';
/** NOW in the seconds of NumericDate (RFC 7519 §2). */
export const NOW_SECONDS = NOW / 1000;

type IssuerInput = NonNullable<ConfigInput['issuers']>[string];
type RuleInput = ConfigInput['rules'][number];

/** The claims of a token that is good for five minutes; `undefined` leaves one out. */
export function goodClaims(more: Claims = {}): Claims {
  return {
    iss: ISSUER,
    aud: 'orders',
    sub: 'alice',
    // Counts beside an `email` alone.
    email_verified: true,
    iat: NOW_SECONDS - 10,
    exp: NOW_SECONDS + 300,
    ...more,
  };
}

/** As RFC 9068 §2.2 wants them. */
export function accessTokenClaims(more: Claims = {}): Claims {
  return goodClaims({ client_id: 'shop', jti: 'token-1', ...more });
}

/** An issuer whose keys stand in the configuration. */
export function inlineIssuer(
  keys: readonly (JwtSigner | Record<string, unknown>)[],
  more: Partial<IssuerInput> = {},
): IssuerInput {
  return {
    issuer: ISSUER,
    audiences: ['orders'],
    jwks: { keys: keys.map((key) => ('publicJwk' in key ? (key as JwtSigner).publicJwk : key)) },
    ...more,
  } as IssuerInput;
}

/** A rule for every request that asks for a token and for no proof, so that the token alone decides. */
export const anyBearer: RuleInput = { name: 'any-bearer', require: { binding: ['none'] } };

/** One issuer `corp`, one rule, no peers: what these tokens are worth by themselves. */
export function createTokenWorld(
  keys: readonly (JwtSigner | Record<string, unknown>)[],
  issuer: Partial<IssuerInput> = {},
  more: Partial<ConfigInput> = {},
): Promise<CheckWorld> {
  return createCheckWorld({ issuers: { corp: inlineIssuer(keys, issuer) }, rules: [anyBearer], ...more });
}
