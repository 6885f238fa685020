import { Denial, DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';
import type { RefusalReason } from '../core/reasons.ts';
import type { Attestation, TokenAuthority } from '../core/token/authority.ts';
import { Cache } from '../lib/cache.ts';
import { weightOfEntry } from '../lib/weight.ts';
import { expiryOf, ownerOf } from './attestation.ts';
import { Breaker } from './breaker.ts';
import { type Asker, type Bulkhead, senderOf } from './bulkhead.ts';
import { within } from './deadline.ts';
import { Turns } from './turns.ts';

/**
 * Asks about one token. Bounded in size by itself, gives up when `signal` says so; rejects with a `DependencyError` where
 * there is no answer, never with anything that quotes the token.
 */
export type Ask = (token: string, signal: AbortSignal) => Promise<Attestation | Denial>;

/** The authority is well, but has no answer to this one question: no reason to stop asking it others. */
export class Unanswered extends DependencyError {}

export interface CachedAuthorityOptions {
  readonly ask: Ask;
  /** Who is asked, for messages. */
  readonly authority: string;
  /** The reason of what is refused without asking, or while waiting. */
  readonly unavailable: RefusalReason;
  readonly clock: () => number;
  /** Where checks wait for the answers. */
  readonly bulkhead: Bulkhead;
  /** Milliseconds that one question may take, whoever still waits for it. */
  readonly timeout: number;
  /** Milliseconds that a yes is remembered, from when it was asked for; never past `exp`. 10 s by default, 0: not at all. */
  readonly successFor?: number;
  /** Milliseconds that a no is remembered. 2 s by default. */
  readonly refusalFor?: number;
  /**
   * The most bytes of remembered answers, and of who had a yes: five eighths for a yes, a quarter for a no. 20 MiB by
   * default.
   */
  readonly memory?: number;
  /** The most questions under way; others wait for their turn. 64 by default. */
  readonly maxUnderWay?: number;
  /** Outages in a row after which nobody is asked for `openFor` milliseconds (5 and 5 s by default). */
  readonly outages?: number;
  readonly openFor?: number;
}

/** For metrics and readiness. */
export interface CachedAuthorityState {
  readonly asked: number;
  readonly failures: number;
  readonly underWay: number;
  /** Whether questions are refused at once, those of one asker at least, until a trial succeeds. */
  readonly open: boolean;
  /** Why the last question failed; undefined after a good one. */
  readonly failure: string | undefined;
  /** The name of that, as the decision log has it. */
  readonly reason: RefusalReason | undefined;
}

interface CachedAnswer {
  readonly answer: Attestation | Denial;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly until: number;
}

/** A question about one token, for all checks that wait for its answer. */
interface Question {
  readonly answer: Promise<Attestation | Denial>;
  waiting: number;
  /** Called when no check waits for it any more: it is not asked if it was not asked yet. */
  giveUp(): void;
}

/**
 * An authority that is asked no more than necessary: answers are remembered for a short time, one question a token is
 * under way, and no more than `maxUnderWay` in all, see `turns.ts`. Callers wait until their own deadline, while the
 * question goes on for those to come. A no is remembered for less long and apart, so that a flood of bad tokens forgets
 * no good one; an outage is never remembered. The memory is keyed by the token's digest alone, since an `CachedAuthority` belongs
 * to one issuer of one configuration. A token that got a yes is told from the others for as long as memory lasts: it
 * asks for authority it was issued to, with a breaker that failures of other tokens cannot open.
 */
export class CachedAuthority implements TokenAuthority {
  readonly #options: CachedAuthorityOptions;
  readonly #yes: Cache<CachedAnswer>;
  readonly #no: Cache<CachedAnswer>;
  /** Whose a token is that got a yes the last time it was asked about. */
  readonly #owners: Cache<string>;
  readonly #questions = new Map<string, Question>();
  readonly #turns: Turns;
  readonly #breakers: { readonly known: Breaker; readonly others: Breaker };
  #asked = 0;
  #failures = 0;
  #failure: DependencyError | undefined;

  constructor(options: CachedAuthorityOptions) {
    this.#options = options;
    const { memory = 20 * 2 ** 20, maxUnderWay = 64, outages = 5, openFor = 5_000 } = options;
    this.#yes = new Cache<CachedAnswer>(0.625 * memory, weightOfEntry);
    this.#no = new Cache<CachedAnswer>(0.25 * memory, weightOfEntry);
    this.#owners = new Cache<string>(0.125 * memory, weightOfEntry);
    this.#turns = new Turns(maxUnderWay);
    const breaker = () => new Breaker({ limit: outages, openFor });
    this.#breakers = { known: breaker(), others: breaker() };
  }

  state(): CachedAuthorityState {
    return {
      asked: this.#asked,
      failures: this.#failures,
      underWay: this.#turns.taken,
      open: this.#breakers.known.open || this.#breakers.others.open,
      failure: this.#failure?.message,
      reason: this.#failure?.reason,
    };
  }

  /** @throws DependencyError where there is no answer before `deadline`, or nobody is asked at the moment. */
  async ask(token: string, digest: string, moment: Moment): Promise<Attestation | Denial> {
    const now = this.#options.clock();
    const cached = this.#cached(digest, now);
    if (cached) return cached;
    const { authority, bulkhead } = this.#options;
    const patience = moment.deadline - now;
    if (patience <= 0) throw this.#unavailable(`no time left to ask ${authority}`, 1);
    const owner = this.#owners.get(digest);
    const asker = owner === undefined ? senderOf(moment) : { name: `owner ${owner}`, known: true };
    return bulkhead.wait(asker, async () => {
      const question = this.#questions.get(digest) ?? this.#begin(token, digest, asker);
      question.waiting++;
      try {
        return await within(question.answer, patience, () =>
          this.#unavailable(`${authority} did not answer in time`, 1),
        );
      } finally {
        if (--question.waiting === 0) question.giveUp();
      }
    });
  }

  #cached(digest: string, now: number): Attestation | Denial | undefined {
    const found = this.#yes.get(digest) ?? this.#no.get(digest);
    if (!found) return undefined;
    // A clock that was put back makes an answer of the future: nothing is known of its age.
    if (now >= found.until || now < found.askedAt) {
      this.#yes.delete(digest);
      this.#no.delete(digest);
      return undefined;
    }
    return found.answer instanceof Denial ? found.answer : { ...found.answer, cached: true };
  }

  #begin(token: string, digest: string, asker: Asker): Question {
    this.#mayAsk(asker);
    const { promise: answer, resolve } = Promise.withResolvers<Attestation | Denial>();
    let asked = false;
    const end = () => {
      leave();
      this.#questions.delete(digest);
    };
    const leave = this.#turns.take(asker, () => {
      asked = true;
      resolve(this.#ask(token, digest, asker).finally(end));
    });
    // All who waited may have gone; its failure was counted.
    answer.catch(() => undefined);
    const question: Question = { answer, waiting: 0, giveUp: () => asked || end() };
    this.#questions.set(digest, question);
    return question;
  }

  /** @throws DependencyError while the breaker keeps this asker out */
  #mayAsk(asker: Asker): void {
    const { clock, authority } = this.#options;
    const wait = this.#breakerOf(asker).wait(clock(), asker.name);
    if (wait > 0)
      throw this.#unavailable(
        `${authority} is not asked at the moment: ${this.#failure?.message}`,
        Math.ceil(wait / 1000),
        this.#failure?.reason,
      );
  }

  async #ask(token: string, digest: string, asker: Asker): Promise<Attestation | Denial> {
    const { ask, clock, timeout, authority } = this.#options;
    // CachedAuthority again: it may have opened while this one waited for its turn.
    this.#mayAsk(asker);
    const attempt = this.#breakerOf(asker).attempt(clock, asker.name);
    const giveUp = new AbortController();
    const askedAt = clock();
    this.#asked++;
    try {
      const answer = await within(ask(token, giveUp.signal), timeout, () =>
        this.#unavailable(`${authority} gave no answer within ${timeout} ms`, 1),
      );
      attempt.succeeded();
      if (asker.known) this.#breakers.others.close();
      this.#failure = undefined;
      this.#store(token, digest, answer, askedAt);
      return answer;
    } catch (error) {
      this.#failures++;
      if (error instanceof Unanswered) attempt.undecided();
      else {
        // A Retry-After is told to the caller, and does not lengthen the pause: what one token gets must not decide for
        // how long no other is asked about.
        attempt.failed();
        this.#failure = error instanceof DependencyError ? error : this.#unavailable('it went wrong here', 1);
      }
      throw error;
    } finally {
      giveUp.abort();
    }
  }

  #breakerOf({ known }: Asker): Breaker {
    return known ? this.#breakers.known : this.#breakers.others;
  }

  #store(token: string, digest: string, answer: Attestation | Denial, askedAt: number): void {
    const { successFor = 10_000, refusalFor = 2_000 } = this.#options;
    if (answer instanceof Denial) {
      this.#no.set(digest, { answer, askedAt, until: askedAt + refusalFor });
      this.#owners.delete(digest);
    } else {
      this.#owners.set(digest, ownerOf(answer));
      this.#yes.set(digest, {
        answer,
        askedAt,
        until: Math.min(askedAt + successFor, expiryOf(token, answer)),
      });
    }
  }

  #unavailable(detail: string, retryAfter: number, reason?: RefusalReason): DependencyError {
    return new DependencyError(reason ?? this.#options.unavailable, detail, retryAfter);
  }
}
