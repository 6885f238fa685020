import { setTimeout as sleep } from 'node:timers/promises';
import { CallClient } from '../bench/call-client.ts';
import { statusCode } from '../bench/frame.ts';
import { kinds } from './checks.ts';
import type { Maker } from './maker-client.ts';

/** The results of the checks since the last call. */
export interface Seen {
  readonly checks: number;
  /** Milliseconds, sorted. */
  readonly latencies: Float64Array;
}

const inFlight = 64;
/** Milliseconds between two short connections, each with one call that is aborted. */
const churnEvery = 200;

/** Sends checks at a steady rate, as far as they are answered, over connections that stay and over others that do not. */
export class Drive {
  readonly #port: number;
  readonly #maker: Maker;
  readonly #perSecond: number;
  #began = performance.now();
  #latencies: number[] = [];
  #going = true;
  #paused: PromiseWithResolvers<void> | undefined;
  #open = 0;
  #started = 0;
  /** Answered checks. */
  checks = 0;
  /** Answered checks with a new token. */
  tokens = 0;
  /** Opened connections. */
  connections = 0;
  /** Aborted calls. */
  givenUp = 0;
  /** Wrong answers, and how often each occurred. */
  readonly wrong = new Map<string, number>();

  constructor(port: number, maker: Maker, perSecond: number) {
    this.#port = port;
    this.#maker = maker;
    this.#perSecond = perSecond;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const client = new CallClient(this.#port);
    this.connections += 2;
    try {
      await Promise.all([...Array.from({ length: inFlight }, () => this.#slot(client)), this.#churn()]);
    } finally {
      this.#going = false;
      client.close();
    }
  }

  stop(): void {
    this.#going = false;
    this.resume();
  }

  /** Stops sending until `resume`, and waits for all answers. */
  async pause(): Promise<void> {
    this.#paused ??= Promise.withResolvers();
    while (this.#open > 0) await sleep(10);
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** The results since the last call. */
  look(): Seen {
    const latencies = Float64Array.from(this.#latencies).sort();
    this.#latencies = [];
    return { checks: latencies.length, latencies };
  }

  async #slot(client: CallClient): Promise<void> {
    while (this.#going) {
      const due = this.#began + (this.#started++ / this.#perSecond) * 1000;
      const early = due - performance.now();
      if (early > 2) await sleep(early);
      // Catches up on at most one second of checks that could not be sent in time.
      if (early < -1_000) this.#began -= early;
      await this.#paused?.promise;
      await this.#one(client);
    }
  }

  async #one(client: CallClient): Promise<void> {
    const { frame, kind } = await this.#maker.next();
    const began = performance.now();
    this.#open++;
    const answer = await client.call(frame).catch(() => undefined);
    this.#open--;
    this.#latencies.push(performance.now() - began);
    this.#count(kind, answer);
  }

  #count(index: number, answer: Buffer | undefined): void {
    const kind = kinds[index];
    const code = answer && statusCode(answer);
    this.checks++;
    if (kind?.newToken) this.tokens++;
    if (code !== undefined && kind?.expected.includes(code)) return;
    const text = `${kind?.name}: ${code ?? 'no answer'}`;
    this.wrong.set(text, (this.wrong.get(text) ?? 0) + 1);
  }

  async #churn(): Promise<void> {
    while (this.#going) {
      await this.#paused?.promise;
      const client = new CallClient(this.#port);
      this.connections += 2;
      await this.#one(client);
      const { frame } = await this.#maker.next();
      this.givenUp++;
      // The connection is closed, so its answer is not received.
      void client.call(frame).catch(() => undefined);
      await sleep(1);
      client.close();
      await sleep(churnEvery);
    }
  }
}
