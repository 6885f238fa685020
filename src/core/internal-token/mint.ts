import { Cache } from '../../lib/cache.ts';
import { Malformed } from '../../lib/malformed.ts';
import { weightOfEntry } from '../../lib/weight.ts';
import {
  formats,
  type StatedBy,
  type StatedClaims,
  type StatedFacts,
  stateClaims,
  type TokenFormat,
} from './claims.ts';
import { type SigningKey, type SigningKeys, signWith } from './signing-key.ts';

/** A signed token, and how long the same one may be sent with other requests. */
export interface MintedToken {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface MintSettings extends StatedBy {
  readonly format: TokenFormat;
  /** Milliseconds that a token lives, unless the token of the request ends earlier. */
  readonly lifetime: number;
  /** Milliseconds for which the same token is sent with equal requests. 0: each request gets its own. */
  readonly reuse: number;
}

/** The settings in the form that each check needs. */
export interface Mint extends MintSettings {
  readonly keys: SigningKeys;
  /** Tokens by what they say. What is kept is never a decision: each check is decided before it looks here. */
  readonly minted: Cache<MintedToken>;
  readonly digest: (text: string) => string;
}

/** Who is asked for a token: the request for this destination, at this time. */
export interface MintRequest {
  readonly destination: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The ID of the decision. It becomes the ID of the token that is made for it. */
  readonly id: string;
}

/** Characters. A longer one is left out, as a longer value of any identity header is. */
const longest = 8_192;

/** @param memory bytes for tokens that are sent again */
export function createMint(
  settings: MintSettings,
  keys: SigningKeys,
  digest: Mint['digest'],
  memory: number,
): Mint {
  return { ...settings, keys, digest, minted: new Cache<MintedToken>(memory, weightOfEntry) };
}

/**
 * Mints the token of an allowed request, or returns the one of an earlier request that says the same. It says
 * only what `facts` prove, and ends no later than the token that the request brought. Undefined if there is
 * nothing to say, see `stateClaims`, or if it would be too long. Signing takes 30 to 100 µs, and about a
 * millisecond with RSA.
 */
export function mint(
  facts: StatedFacts,
  { destination, now, id }: MintRequest,
  settings: Mint,
): MintedToken | undefined {
  const { format, reuse, digest, minted, keys } = settings;
  const stated = stateClaims(format, facts, destination, settings);
  if (stated instanceof Malformed) return undefined;
  const ends = facts.token?.expiresAt;
  const signing = keys.current();
  const key = reuse > 0 ? digest(JSON.stringify([stated, ends, signing.kid])) : undefined;
  const known = key === undefined ? undefined : minted.get(key);
  if (known && isFresh(known, now, settings)) return known;
  const token = { text: write(stated, signing, ends, { now, id }, settings), until: now + reuse };
  if (token.text.length > longest) return undefined;
  if (key !== undefined) minted.set(key, token);
  return token;
}

/** Whether a token may be sent again. Not if the clock was put back, because it would be from the future. */
export function isFresh(
  { until }: Pick<MintedToken, 'until'>,
  now: number,
  { reuse }: Pick<MintSettings, 'reuse'>,
): boolean {
  return until > now && until - now <= reuse;
}

function write(
  stated: StatedClaims,
  key: SigningKey,
  ends: number | undefined,
  { now, id }: Pick<MintRequest, 'now' | 'id'>,
  { format, lifetime }: MintSettings,
): string {
  const { typ, idClaim } = formats[format];
  const iat = Math.floor(now / 1000);
  const exp = Math.min(iat + Math.floor(lifetime / 1000), Math.floor((ends ?? Infinity) / 1000));
  const input = [
    { typ, alg: key.algorithm, kid: key.kid },
    { ...stated, iat, exp, [idClaim]: id },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${signWith(key, input)}`;
}
