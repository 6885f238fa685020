import { Malformed } from '../../lib/malformed.ts';
import type { NonceKey } from './nonces.ts';

/** The least characters of a line: 192 bits, if it is base64. */
const shortest = 32;
const mostLines = 4;
/** Keys that are accepted together, however often the file changes. */
const mostKeys = 8;

/** The keys in a key file, one a line. The first makes nonces. */
export function parseNonceKeys(text: string): readonly string[] | Malformed {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '');
  if (keys.length === 0 || keys.length > mostLines)
    return new Malformed(`must hold 1 to ${mostLines} lines, each with a key`);
  return keys.every(({ length }) => length >= shortest)
    ? keys
    : new Malformed(`holds a key of fewer than ${shortest} characters: make it with openssl rand -base64 32`);
}

/**
 * The keys of now, and those of before that are gone: nonces that were made with them are accepted until they
 * would have expired anyway, so a new key refuses no client.
 */
export function renewNonceKeys(
  texts: readonly string[],
  before: readonly NonceKey[],
  { now, lifetime }: { readonly now: number; readonly lifetime: number },
): readonly NonceKey[] {
  const keys = texts.map((text): NonceKey => ({ key: Buffer.from(text), until: Number.POSITIVE_INFINITY }));
  const gone = before
    .filter((old) => old.until > now && !keys.some(({ key }) => key.equals(old.key)))
    .map(({ key, until }) => ({ key, until: Math.min(until, now + 2 * lifetime) }));
  return [...keys, ...gone].slice(0, mostKeys);
}
