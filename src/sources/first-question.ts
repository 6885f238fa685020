import type { CachedAuthority } from './cached-authority.ts';
import { Refreshing } from './refreshing.ts';

export interface FirstQuestionOptions {
  readonly authority: CachedAuthority;
  /** Milliseconds that one answer may take. */
  readonly timeout: number;
  readonly clock: () => number;
}

/** Nobody's token. A server that is well says that it is not valid. */
const nobodys = 'peerproof-asks-whether-you-answer';
/** A name of its own, so that its failures keep no check out. */
const sender = 'peerproof itself';
const longestPause = 30_000;

/**
 * Asks an authority about a token of nobody, until there is an answer. A pod that is not ready gets no checks,
 * so without this question it could not know whether the authority answers. A no is an answer. It shows that
 * the address, the certificates and our own credentials are right.
 */
export class FirstQuestion {
  readonly #refreshing: Refreshing;

  constructor({ authority, timeout, clock }: FirstQuestionOptions) {
    this.#refreshing = new Refreshing({
      clock,
      async attempt() {
        const now = clock();
        await authority.ask(nobodys, nobodys, { now, deadline: now + timeout, sender });
        return longestPause;
      },
      longestRetry: () => longestPause,
      // The authority keeps its failure, and the log says which authority has never answered.
      report: () => {
        if (authority.state().answered) this.stop();
      },
    });
  }

  /** Resolves after the first attempt, successful or not. Goes on in the background until `stop`. */
  start(): Promise<void> {
    return this.#refreshing.now();
  }

  stop(): void {
    this.#refreshing.stop();
  }
}
