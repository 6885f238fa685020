import { Denial } from '../core/denial.ts';
import type { Attestation } from '../core/token/authority.ts';
import { Cache } from '../lib/cache.ts';
import { weightOfEntry } from '../lib/weight.ts';
import { digestOwner, earliestExpiry } from './attestation.ts';

export interface AnswerCacheOptions {
  /** Milliseconds that a positive answer is cached after the question, never past `exp`. */
  readonly successFor: number;
  /** Milliseconds that a negative answer is cached. */
  readonly refusalFor: number;
  /**
   * The most bytes: five eighths for positive answers, a quarter for negative ones, the rest for the owners of
   * accepted tokens.
   */
  readonly memory: number;
}

interface CachedAnswer {
  readonly answer: Attestation | Denial;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly until: number;
}

/**
 * The answers of an authority, by the digest of the token. Negative answers are kept for a shorter time and
 * separately, so that a flood of bad tokens does not evict good ones.
 */
export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  readonly #yes: Cache<CachedAnswer>;
  readonly #no: Cache<CachedAnswer>;
  /** The owners of tokens whose last answer was positive. */
  readonly #owners: Cache<string>;

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
    const { memory } = options;
    this.#yes = new Cache<CachedAnswer>(0.625 * memory, weightOfEntry);
    this.#no = new Cache<CachedAnswer>(0.25 * memory, weightOfEntry);
    this.#owners = new Cache<string>(0.125 * memory, weightOfEntry);
  }

  get(digest: string, now: number): Attestation | Denial | undefined {
    const found = this.#yes.get(digest) ?? this.#no.get(digest);
    if (!found) return undefined;
    // After the clock was put back, the age of an answer from the future is unknown.
    if (now >= found.until || now < found.askedAt) {
      this.#yes.delete(digest);
      this.#no.delete(digest);
      return undefined;
    }
    return found.answer instanceof Denial ? found.answer : { ...found.answer, cached: true };
  }

  /** A digest of who owns the token. Undefined if its last answer was not positive, or is too long ago. */
  ownerOf(digest: string): string | undefined {
    return this.#owners.get(digest);
  }

  set(token: string, digest: string, answer: Attestation | Denial, askedAt: number): void {
    const { successFor, refusalFor } = this.#options;
    if (answer instanceof Denial) {
      this.#no.set(digest, { answer, askedAt, until: askedAt + refusalFor });
      this.#owners.delete(digest);
    } else {
      this.#owners.set(digest, digestOwner(answer));
      const until = Math.min(askedAt + successFor, earliestExpiry(token, answer));
      this.#yes.set(digest, { answer, askedAt, until });
    }
  }
}
