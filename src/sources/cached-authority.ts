import { type Denial, DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';
import type { RefusalReason } from '../core/reasons.ts';
import type { Attestation, TokenAuthority } from '../core/token/authority.ts';
import { within } from '../lib/deadline.ts';
import { AnswerCache } from './answer-cache.ts';
import { Breaker, type Crowd } from './breaker.ts';
import { type Asker, askerFor, type Bulkhead } from './bulkhead.ts';
import { Turns } from './turns.ts';

/**
 * Asks about one token. Bounds the size of the answer, and stops when `signal` says so. Rejects with a
 * `DependencyError` if there is no answer. Errors never quote the token.
 */
export type Ask = (token: string, signal: AbortSignal) => Promise<Attestation | Denial>;

/** The authority is well, but has no answer to this one question. Other questions are still asked. */
export class Unanswered extends DependencyError {}

export interface CachedAuthorityOptions {
  readonly ask: Ask;
  /** The name of the authority, for messages. */
  readonly authority: string;
  /** The reason if a question is refused, or if its answer is late. */
  readonly unavailable: RefusalReason;
  readonly clock: () => number;
  /** The places of checks that wait for answers. */
  readonly bulkhead: Bulkhead;
  /** Milliseconds for one question, even if no check waits for it any more. */
  readonly timeout: number;
  /** Milliseconds that a positive answer is cached after the question, never past `exp`. 10 s by default. */
  readonly successFor?: number;
  /** Milliseconds that a negative answer is cached. 2 s by default. */
  readonly refusalFor?: number;
  /**
   * The most bytes of all caches: five eighths for positive answers, a quarter for negative ones, the rest
   * for the owners of accepted tokens. 20 MiB by default.
   */
  readonly memory?: number;
  /** The most questions under way. Others wait for their turn. 64 by default. */
  readonly maxUnderWay?: number;
  /** After so many outages in a row (5), no question is asked for `openFor` milliseconds (5 s). */
  readonly outages?: number;
  readonly openFor?: number;
}

/** For metrics and readiness. */
export interface CachedAuthorityState {
  readonly asked: number;
  /** Whether it ever answered a question. */
  readonly answered: boolean;
  readonly failures: number;
  readonly underWay: number;
  readonly mostUnderWay: number;
  /** Whether questions of at least one asker are refused at once, until a trial succeeds. */
  readonly open: boolean;
  /** Why the last question failed. Undefined after a good one. */
  readonly failure: string | undefined;
  /** The reason of that failure, as in the decision log. */
  readonly reason: RefusalReason | undefined;
  /** When the first of the present failures in a row happened, in milliseconds since the epoch. */
  readonly failingSince: number | undefined;
}

/** A question about one token, for all checks that wait for its answer. */
interface Question {
  readonly answer: Promise<Attestation | Denial>;
  waiting: number;
  /** Every check that ever waited for it. */
  crowd: Crowd;
  /** Called when no check waits any more. A question that has not been asked yet is dropped. */
  giveUp(): void;
}

/**
 * An authority with a cache, which is asked as rarely as possible. Answers are cached for a short time. There
 * is one question per token, and at most `maxUnderWay` in total, see `turns.ts`. A check waits until its own
 * deadline; the question goes on for later checks. Negative answers are cached for a shorter time and
 * separately, so that a flood of bad tokens does not evict good ones. An outage is never cached. The key is
 * the digest of the token alone, because each authority belongs to one issuer of one configuration. A token
 * that was accepted before is known for as long as the cache holds its owner. It is asked about on behalf of
 * its owner, and failures of other tokens cannot open its breaker.
 */
export class CachedAuthority implements TokenAuthority {
  readonly #options: CachedAuthorityOptions;
  readonly #answers: AnswerCache;
  readonly #questions = new Map<string, Question>();
  readonly #turns: Turns;
  readonly #breakers: { readonly known: Breaker; readonly others: Breaker };
  #asked = 0;
  #answered = false;
  #failures = 0;
  #failure: DependencyError | undefined;
  #failingSince: number | undefined;

  constructor(options: CachedAuthorityOptions) {
    this.#options = options;
    const { successFor = 10_000, refusalFor = 2_000, memory = 20 * 2 ** 20 } = options;
    const { maxUnderWay = 64, outages = 5, openFor = 5_000 } = options;
    this.#answers = new AnswerCache({ successFor, refusalFor, memory });
    this.#turns = new Turns(maxUnderWay);
    const breaker = () => new Breaker({ limit: outages, openFor });
    this.#breakers = { known: breaker(), others: breaker() };
  }

  state(): CachedAuthorityState {
    return {
      asked: this.#asked,
      answered: this.#answered,
      failures: this.#failures,
      underWay: this.#turns.taken,
      mostUnderWay: this.#turns.slots,
      open: this.#breakers.known.open || this.#breakers.others.open,
      failure: this.#failure?.message,
      reason: this.#failure?.reason,
      failingSince: this.#failingSince,
    };
  }

  /** @throws DependencyError if there is no answer before `deadline`, or if the breaker is open */
  async ask(token: string, digest: string, moment: Moment): Promise<Attestation | Denial> {
    const now = this.#options.clock();
    const cached = this.#answers.get(digest, now);
    if (cached) return cached;
    const { authority, bulkhead } = this.#options;
    const patience = moment.deadline - now;
    if (patience <= 0) throw this.#unavailable(`no time left to ask ${authority}`, 1);
    const owner = this.#answers.ownerOf(digest);
    const asker = owner === undefined ? askerFor(moment) : { name: `owner ${owner}`, known: true };
    return bulkhead.wait(asker, async () => {
      // Also before a check joins a question under way: that one may hang until its timeout.
      this.#mayAsk(asker);
      const question = this.#questions.get(digest) ?? this.#begin(token, digest, asker);
      question.waiting++;
      question.crowd = joined(question.crowd, asker);
      try {
        return await within(question.answer, patience, () =>
          this.#unavailable(`${authority} did not answer in time`, 1),
        );
      } finally {
        if (--question.waiting === 0) question.giveUp();
      }
    });
  }

  #begin(token: string, digest: string, asker: Asker): Question {
    const { promise: answer, resolve } = Promise.withResolvers<Attestation | Denial>();
    let asked = false;
    const end = () => {
      leave();
      this.#questions.delete(digest);
    };
    const question: Question = {
      ...{ answer, waiting: 0, crowd: { size: 0, asker: asker.name } },
      giveUp: () => asked || end(),
    };
    const leave = this.#turns.take(asker, () => {
      asked = true;
      resolve(this.#ask(token, digest, asker, () => question.crowd).finally(end));
    });
    // No check may be waiting any more. The failure was counted.
    answer.catch(() => undefined);
    this.#questions.set(digest, question);
    return question;
  }

  /** @throws DependencyError while the breaker keeps this asker out */
  #mayAsk(asker: Asker): void {
    const { clock, authority } = this.#options;
    const wait = this.#breakerFor(asker).wait(clock(), asker.name);
    if (wait > 0)
      throw this.#unavailable(
        `${authority} is not asked at the moment: ${this.#failure?.message}`,
        Math.ceil(wait / 1000),
        this.#failure?.reason,
      );
  }

  async #ask(token: string, digest: string, asker: Asker, crowd: () => Crowd): Promise<Attestation | Denial> {
    const { ask, clock, timeout, authority } = this.#options;
    // Checked again: the breaker may have opened while this question waited for its turn.
    this.#mayAsk(asker);
    const attempt = this.#breakerFor(asker).attempt(clock, asker.name);
    const giveUp = new AbortController();
    const askedAt = clock();
    const began = performance.now();
    this.#asked++;
    try {
      const answer = await within(ask(token, giveUp.signal), timeout, () =>
        this.#unavailable(`${authority} gave no answer within ${timeout} ms`, 1),
      );
      attempt.succeeded();
      this.#answered = true;
      if (asker.known) this.#breakers.others.close();
      this.#failure = undefined;
      this.#failingSince = undefined;
      this.#answers.set(token, digest, answer, askedAt);
      return answer;
    } catch (error) {
      this.#failures++;
      if (error instanceof Unanswered) {
        attempt.undecided();
        this.#answered = true;
      } else {
        // The caller gets the Retry-After. It does not lengthen the pause: the answer for one token must not
        // delay the questions about all others.
        // While an authority hangs, checks with one token join one question. Each of them waited in vain, as if
        // it had asked for itself. After a quick failure the next check asks anyway.
        attempt.failed(performance.now() - began >= timeout / 2 ? crowd() : undefined);
        this.#failure = error instanceof DependencyError ? error : this.#unavailable('an internal error', 1);
        this.#failingSince ??= clock();
      }
      throw error;
    } finally {
      giveUp.abort();
    }
  }

  #breakerFor({ known }: Asker): Breaker {
    return known ? this.#breakers.known : this.#breakers.others;
  }

  #unavailable(detail: string, retryAfter: number, reason?: RefusalReason): DependencyError {
    return new DependencyError(reason ?? this.#options.unavailable, detail, retryAfter);
  }
}

function joined({ size, asker }: Crowd, { name }: Asker): Crowd {
  return { size: size + 1, asker: asker === name ? name : undefined };
}
