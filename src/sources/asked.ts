import { Denial, DependencyError } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import { Malformed } from '../malformed.ts';
import { Memo } from '../memo.ts';
import type { RefusalReason } from '../reasons.ts';
import type { Authority, Vouched } from '../token/authority.ts';
import { parseJws } from '../token/jws.ts';
import { Breaker } from './breaker.ts';
import { within } from './deadline.ts';

/**
 * Asks about one token. Bounded in size by itself, gives up when `signal` says so; rejects with a `DependencyError` where
 * there is no answer, never with anything that quotes the token.
 */
export type Ask = (token: string, signal: AbortSignal) => Promise<Vouched | Denial>;

/** The authority is well, but has no answer to this one question: no reason to stop asking it others. */
export class Unanswered extends DependencyError {}

export interface AskedOptions {
  readonly ask: Ask;
  /** Who is asked, for messages. */
  readonly whom: string;
  /** The reason of what is refused without asking, or while waiting. */
  readonly unavailable: RefusalReason;
  readonly clock: () => number;
  /** Milliseconds that one question may take, whoever still waits for it. */
  readonly timeout: number;
  /** Milliseconds that a yes is remembered, from when it was asked for; never past `exp`. 10 s by default, 0: not at all. */
  readonly successFor?: number;
  /** Milliseconds that a no is remembered. 2 s by default. */
  readonly refusalFor?: number;
  /** The most answers of each kind that are remembered. */
  readonly remembered?: number;
  /** The most questions under way; one more is refused at once. 64 by default. */
  readonly maxUnderWay?: number;
  /** Outages in a row after which nobody is asked for `openFor` milliseconds (5 and 5 s by default). */
  readonly outages?: number;
  readonly openFor?: number;
}

/** For metrics and readiness. */
export interface AskedState {
  readonly asked: number;
  readonly failures: number;
  readonly underWay: number;
  /** Whether questions are refused at once, until a trial succeeds. */
  readonly open: boolean;
  /** Why the last question failed; undefined after a good one. */
  readonly failure: string | undefined;
}

interface Remembered {
  readonly answer: Vouched | Denial;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly until: number;
}

/**
 * An authority that is asked no more than necessary: answers are remembered for a short time, one question a token is
 * under way, and no more than `maxUnderWay` in all. Callers wait until their own deadline, while the question goes on
 * for those to come. A no is remembered for less long and apart, so that a flood of bad tokens forgets no good one; an
 * outage is never remembered. The memory is keyed by the token's digest alone, since an `Asked` belongs to one issuer of
 * one configuration.
 */
export class Asked implements Authority {
  readonly #options: AskedOptions;
  readonly #yes: Memo<Remembered>;
  readonly #no: Memo<Remembered>;
  readonly #underWay = new Map<string, Promise<Vouched | Denial>>();
  readonly #breaker: Breaker;
  #asked = 0;
  #failures = 0;
  #failure: DependencyError | undefined;

  constructor(options: AskedOptions) {
    this.#options = options;
    const { remembered = 10_000, outages = 5, openFor = 5_000 } = options;
    this.#yes = new Memo(remembered);
    this.#no = new Memo(remembered);
    this.#breaker = new Breaker({ limit: outages, openFor });
  }

  state(): AskedState {
    return {
      asked: this.#asked,
      failures: this.#failures,
      underWay: this.#underWay.size,
      open: this.#breaker.open,
      failure: this.#failure?.message,
    };
  }

  /** @throws DependencyError where there is no answer before `deadline`, or nobody is asked at the moment. */
  async ask(token: string, digest: string, { deadline }: Moment): Promise<Vouched | Denial> {
    const now = this.#options.clock();
    const known = this.#recall(digest, now);
    if (known) return known;
    const { whom } = this.#options;
    if (now >= deadline) throw this.#unavailable(`no time left to ask ${whom}`, 1);
    const question = this.#underWay.get(digest) ?? this.#begin(token, digest, now);
    return within(question, deadline - now, () => this.#unavailable(`${whom} did not answer in time`, 1));
  }

  #recall(digest: string, now: number): Vouched | Denial | undefined {
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

  #begin(token: string, digest: string, now: number): Promise<Vouched | Denial> {
    const { whom, maxUnderWay = 64 } = this.#options;
    const wait = this.#breaker.wait(now);
    if (wait > 0)
      throw this.#unavailable(
        `${whom} is not asked at the moment: ${this.#failure?.message}`,
        Math.ceil(wait / 1000),
        this.#failure?.reason,
      );
    if (this.#underWay.size >= maxUnderWay)
      throw this.#unavailable(`${maxUnderWay} questions to ${whom} are under way`, 1, 'overloaded');
    const question = this.#question(token, digest, now).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, question);
    // All who waited may have gone; its failure was counted.
    question.catch(() => undefined);
    return question;
  }

  async #question(token: string, digest: string, askedAt: number): Promise<Vouched | Denial> {
    const { ask, clock, timeout, whom } = this.#options;
    const attempt = this.#breaker.attempt(clock);
    const giveUp = new AbortController();
    this.#asked++;
    try {
      const answer = await within(ask(token, giveUp.signal), timeout, () =>
        this.#unavailable(`${whom} gave no answer within ${timeout} ms`, 1),
      );
      attempt.succeeded();
      this.#failure = undefined;
      this.#remember(token, digest, answer, askedAt);
      return answer;
    } catch (error) {
      this.#failures++;
      if (error instanceof Unanswered) attempt.undecided();
      else {
        attempt.failed(error instanceof DependencyError ? error.retryAfter * 1000 : 0);
        this.#failure = error instanceof DependencyError ? error : this.#unavailable('it went wrong here', 1);
      }
      throw error;
    } finally {
      giveUp.abort();
    }
  }

  #remember(token: string, digest: string, answer: Vouched | Denial, askedAt: number): void {
    const { successFor = 10_000, refusalFor = 2_000 } = this.#options;
    if (answer instanceof Denial) this.#no.set(digest, { answer, askedAt, until: askedAt + refusalFor });
    else
      this.#yes.set(digest, {
        answer,
        askedAt,
        until: Math.min(askedAt + successFor, expiryOf(token, answer)),
      });
  }

  #unavailable(detail: string, retryAfter: number, reason?: RefusalReason): DependencyError {
    return new DependencyError(reason ?? this.#options.unavailable, detail, retryAfter);
  }
}

/**
 * When a token that was vouched for ends, in milliseconds: by the answer and by the token itself, whichever is earlier.
 * Never, where neither says so. Only ever shortens how long an answer is remembered.
 */
function expiryOf(token: string, { claims }: Vouched): number {
  const jws = parseJws(token);
  const said = [claims?.exp, jws instanceof Malformed ? undefined : jws.payload.exp];
  const ends = said.filter((exp) => typeof exp === 'number').map((exp) => exp * 1000);
  return Math.min(...ends, Number.POSITIVE_INFINITY);
}
