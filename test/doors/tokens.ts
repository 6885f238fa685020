import type { Issued } from '../support/ca.ts';
import type { Claims } from '../support/jwt-signer.ts';

/** What makes the tokens of the table. */
export interface Mint {
  /** Signs these claims beside those of a good token: `iss`, `aud`, `sub`, `client_id`, `iat` and `exp`. */
  sign(claims?: Claims, header?: Claims): string;
  /** The same with a key that the issuer does not have, under the `kid` of one that it has. */
  forge(claims: Claims): string;
  /** `x5t#S256` of the certificate of `client`. */
  readonly thumbprint: string;
  /** The certificate itself, which is no secret, in the forms in which proxies write it. */
  readonly certificate: Pick<Issued, 'sha256Hex' | 'urlEncodedPem' | 'der'>;
  /** Seconds since the epoch. */
  readonly now: number;
}

const read = { scope: 'orders.read' };

/** Each token of the table, by its name there. */
export const tokens = {
  read: ({ sign }) => sign(read),
  bound: ({ sign, thumbprint }) => sign({ ...read, cnf: { 'x5t#S256': thumbprint } }),
  blue: ({ sign }) => sign({ ...read, tenant: 'blue' }),
  expired: ({ sign, now }) => sign({ ...read, exp: now - 3600 }),
  elsewhere: ({ sign }) => sign({ ...read, aud: 'payments' }),
  stranger: ({ sign }) => sign({ ...read, iss: 'https://stranger.example.com' }),
  unsigned: ({ sign }) => sign(read, { alg: 'none' }),
  forged: ({ forge }) => forge(read),
  'key unknown': ({ sign }) => sign(read, { kid: 'nobody' }),
  'logout token': ({ sign }) => sign(read, { typ: 'logout+jwt' }),
  'too large': ({ sign }) => sign({ ...read, padding: 'x'.repeat(16_384) }),
  'cut off': ({ sign }) => sign(read).replace(/[^.]*$/, ''),
  opaque: () => 'opaque-4711',
  revoked: () => 'revoked-4711',
} as const satisfies Readonly<Record<string, (mint: Mint) => string>>;

export type TokenName = keyof typeof tokens;

/** What the introspection endpoint says of an opaque token (RFC 7662 §2.2). Every other token is not active. */
export function introspected(token: string, issuer: string, now: number): Claims {
  if (token !== tokens.opaque()) return { active: false };
  const standard = { iss: issuer, aud: 'orders', sub: 'bob', client_id: 'orders-client' };
  return { active: true, ...standard, exp: now + 300, ...read };
}
