/** What a revocation names in a token. `all` names every token, so it needs a time. */
export const revocationKinds = ['jti', 'subject', 'client', 'session', 'spiffeId', 'all'] as const;
export type RevocationKind = (typeof revocationKinds)[number];

/** Tokens that are not accepted any more, although their issuer signed them and they have not expired. */
export interface Revocation {
  readonly kind: RevocationKind;
  /** Compared character by character. Empty for `all`. */
  readonly value: string;
  /** The name of an issuer in the configuration. Undefined: tokens of all issuers. */
  readonly issuer?: string | undefined;
  /**
   * Milliseconds since the epoch: only tokens with an earlier `iat`, or without `iat`. Undefined: all tokens,
   * also those of the future. Nothing is kept with a time before the epoch, see `sinceEpoch`.
   */
  readonly issuedBefore?: number | undefined;
  /** Milliseconds since the epoch. From then on it is forgotten: every token that it names has expired. */
  readonly until: number;
  /** Who revoked, for the log. */
  readonly by: string;
}

/** The most characters of a value. A SPIFFE ID has at most 2048 bytes (SPIFFE-ID §2.3). */
export const longestValue = 2_048;

/**
 * A time that every reader of a store can read. A transmitter and a person may write any other one, and one entry
 * that cannot be read is an outage of all processes. Not before 1970, because no token is older.
 */
export function sinceEpoch(time: number): number {
  return Math.min(lastTime, Math.max(0, Math.ceil(time)));
}

/** The last millisecond of the year 9999. */
const lastTime = 253_402_300_799_999;

/** Two revocations with the same name become one. */
export type RevocationName = Pick<Revocation, 'kind' | 'value' | 'issuer'>;

/** A text for each name. No part but the last one can hold a line break. */
export function nameOf({ kind, value, issuer = '' }: RevocationName): string {
  return `${kind}\n${issuer}\n${value}`;
}

/**
 * The most bytes of heap that an entry takes in `Revocations`, with the maps around it, so that its number is
 * bounded by memory. Measured by test/core/revocation/memory.test.ts.
 */
export function weightOfRevocation({ value, issuer = '', by }: Revocation): number {
  return constantWeight + 2 * (value.length + issuer.length + by.length);
}

const constantWeight = 400;

/** One revocation that revokes what either of two with the same name does. It may revoke more, and never less. */
export function mergeRevocations(one: Revocation, other: Revocation): Revocation {
  const [{ issuedBefore: before }, { issuedBefore: otherBefore }] = [one, other];
  const issuedBefore =
    before === undefined || otherBefore === undefined ? undefined : Math.max(before, otherBefore);
  return { ...other, issuedBefore, until: Math.max(one.until, other.until) };
}

/** Adds an entry by its name, to one that has the same name if there is one. */
export function mergeInto(known: Map<string, Revocation>, entry: Revocation): void {
  const name = nameOf(entry);
  const before = known.get(name);
  known.set(name, before ? mergeRevocations(before, entry) : entry);
}

/** The entries of a list that hold now, by name: of two with one name, what either revokes. */
export function mergeAll(list: readonly Revocation[], now: number): Map<string, Revocation> {
  const merged = new Map<string, Revocation>();
  for (const entry of list) if (entry.until > now) mergeInto(merged, entry);
  return merged;
}
