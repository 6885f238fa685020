import { listed, quoted } from '../../lib/excerpt.ts';
import type { AlgorithmName } from './algorithms.ts';
import type { KeySet } from './keys.ts';

/** The key that a token names. */
export interface SoughtKey {
  /** The name of the issuer. */
  readonly name: string;
  readonly kid: string | undefined;
  readonly alg: AlgorithmName;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Says for the log why a key is unknown: the known keys, their age, and when the issuer is asked again. */
export function describeUnknownKey(set: KeySet, { name, kid, alg, now }: SoughtKey): string {
  const named = kid === undefined ? 'without a kid' : `kid ${quoted(kid)}`;
  const same = kid === undefined ? undefined : set.keys.find((key) => key.kid === kid);
  const why = same
    ? `; the key of this kid is for ${listed([...same.algorithms])}`
    : `; known are ${listed(set.keys.map((key) => key.kid ?? 'a key without a kid'))}`;
  const age = `, fetched ${seconds(now - set.fetchedAt)} ago`;
  const again =
    set.heldUntil === undefined ? '' : `; the issuer is not asked again for ${seconds(set.heldUntil - now)}`;
  return `${name} has no key for alg ${alg}, ${named}${why}${age}${again}`;
}

function seconds(milliseconds: number): string {
  return `${Math.max(0, Math.ceil(milliseconds / 1000))} s`;
}
