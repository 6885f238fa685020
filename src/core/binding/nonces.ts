import { createHmac } from 'node:crypto';

/** The nonces of this service for DPoP proofs (RFC 9449 §8). */
export interface Nonces {
  readonly keys: readonly NonceKey[];
  /** The one that an answer gives to a client now. */
  current(now: number): string;
  /** Until when a nonce is accepted, in milliseconds since the epoch. Undefined if it is not accepted. */
  holdsUntil(nonce: string, now: number): number | undefined;
}

/** A key that nonces are made with. */
export interface NonceKey {
  readonly key: Buffer;
  /** Milliseconds since the epoch. Its nonces are not accepted from then on. */
  readonly until: number;
}

/** Characters of a nonce: 132 of the 256 bits. */
const length = 22;

/**
 * Nonces that nobody has to remember: each is the HMAC of its slot of time, so every replica with the same
 * key makes the same one. A nonce is accepted in its slot and in the next one, so it holds for one to two
 * lifetimes. It is accepted in the slot before as well, because the clock of another replica may be ahead.
 * The first key makes nonces, and those of all keys are accepted.
 * @param lifetime of a slot, in milliseconds
 */
export function createNonces(keys: readonly NonceKey[], lifetime: number): Nonces {
  let known = { slot: Number.NaN, mine: '', untils: new Map<string, number>() };

  function at(now: number): typeof known {
    const slot = Math.floor(now / lifetime);
    if (slot !== known.slot) known = { slot, ...nonces(slot) };
    return known;
  }

  function nonces(slot: number): Omit<typeof known, 'slot'> {
    const untils = new Map<string, number>();
    for (const { key, until } of keys)
      for (const near of [slot - 1, slot, slot + 1])
        untils.set(make(key, near), Math.min(until, (near + 2) * lifetime));
    return { mine: keys[0] ? make(keys[0].key, slot) : '', untils };
  }

  return {
    keys,
    current: (now) => at(now).mine,
    holdsUntil(nonce, now) {
      const until = at(now).untils.get(nonce);
      return until !== undefined && now < until ? until : undefined;
    },
  };
}

function make(key: Buffer, slot: number): string {
  return createHmac('sha256', key).update(`dpop-nonce ${slot}`).digest('base64url').slice(0, length);
}
