import { withDeadline } from '../../../test/support/wait.ts';
import type { Answered, Check, Connection, Target } from './connection.ts';
import { GrpcConnection } from './grpc-connection.ts';
import { HttpConnection } from './http-connection.ts';

/** Envoy has few HTTP/2 connections and many HTTP/1.1 connections to the same server. */
const connections = { grpc: 2, http: 64 } as const;
export const inFlight = 64;

/** A window ends after so many calls, whatever the speed of the server. */
const mostCalls = 2_000_000;
const latencies = new Float64Array(mostCalls);
const mostWrong = 1_000;
/** What was asked must be answered so long after the last question. */
const answerWithin = 10_000;

/** What one window of load saw. */
export interface Window {
  /** Answered in time. */
  readonly calls: number;
  /** Those and the ones that were still under way at the end. */
  readonly sent: number;
  readonly seconds: number;
  /** Milliseconds from when a check was due, sorted. */
  readonly latencies: Float64Array;
  /** Share of one core that the generator used. */
  readonly generatorShare: number;
  /** Answers with another status than the expected, with none, or to another check. */
  readonly wrong: number;
  /** The first of them, for a message. */
  readonly firstWrong: string;
}

/** A window of an open loop. */
export interface OpenWindow extends Window {
  /**
   * Milliseconds from when a check was due until it was sent, sorted. The generator itself was held up for so long, and
   * each latency holds it: what it measures cannot be shorter.
   */
  readonly lateness: Float64Array;
}

export interface Answer {
  readonly status: number;
  readonly bytes: Buffer;
}

/** Sends checks to one server and looks at each answer. */
export class Generator {
  /** Checks so far. */
  sent = 0;
  #connections: readonly Connection[] = [];
  readonly #next: () => Check;
  #answered: Answered = () => undefined;

  private constructor(next: () => Check) {
    this.#next = next;
  }

  /** @param next gives the check that is sent next */
  static async open(target: Target, next: () => Check): Promise<Generator> {
    const generator = new Generator(next);
    const answered: Answered = (...answer) => generator.#answered(...answer);
    const kind = target.wire === 'grpc' ? GrpcConnection : HttpConnection;
    generator.#connections = await Promise.all(
      Array.from({ length: connections[target.wire] }, () => kind.open(target, answered)),
    );
    return generator;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** One check, alone. */
  async ask(check: Check): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#answered = (_, __, status, bytes) => resolve({ status, bytes: Buffer.from(bytes) });
    const [connection] = this.#connections as [Connection];
    this.#send(connection, check, performance.now());
    connection.flush();
    return withDeadline('an answer', answerWithin, promise);
  }

  /** Keeps a number of checks in flight, in turn. An answer after the end is not counted, but it is awaited. */
  async load(
    expected: number,
    { milliseconds = 600_000, calls = mostCalls, atOnce = inFlight }: Extent,
  ): Promise<Window> {
    const window = new Recording(expected);
    const { start } = window;
    const first = this.sent;
    const last = first + Math.min(calls, mostCalls);
    const done = Promise.withResolvers<void>();
    let open = 0;
    const next = (connection: Connection): void => {
      open++;
      this.#send(connection, this.#next(), performance.now());
    };
    this.#answered = (connection, due, status, answer) => {
      open--;
      const now = performance.now();
      window.add(now - due, status, answer, now - start < milliseconds);
      if (now - start < milliseconds && this.sent < last && window.wrong < mostWrong) next(connection);
      else {
        window.end(now);
        if (open === 0) done.resolve();
      }
    };
    const each = Math.max(1, Math.floor(atOnce / this.#connections.length));
    for (const connection of this.#connections.slice(0, atOnce)) {
      for (let slot = 0; slot < each && this.sent < last; slot++) next(connection);
      connection.flush();
    }
    await withDeadline('the answers of a window', milliseconds + answerWithin, done.promise);
    return window.result(this.sent - first);
  }

  /**
   * Sends checks at a rate, whatever is answered, with the gaps of a Poisson process. A latency begins when a check is
   * due, so neither a slow server nor a slow generator hides it.
   */
  async openLoop(expected: number, rate: number, milliseconds: number): Promise<OpenWindow> {
    const window = new Recording(expected);
    const { start } = window;
    const late: number[] = [];
    const first = this.sent;
    const done = Promise.withResolvers<void>();
    let [open, due, over] = [0, start, false];
    this.#answered = (_, at, status, answer) => {
      open--;
      window.add(performance.now() - at, status, answer, true);
      if (over && open === 0) done.resolve();
    };
    const gap = () => (-Math.log(1 - Math.random()) * 1000) / rate;
    const turn = (): void => {
      const now = performance.now();
      for (; due <= now && due - start < milliseconds; due += gap()) {
        open++;
        late.push(now - due);
        this.#send(this.#connections[this.sent % this.#connections.length] as Connection, this.#next(), due);
      }
      for (const connection of this.#connections) connection.flush();
      over = now - start >= milliseconds || window.wrong >= mostWrong;
      if (!over) return void setImmediate(turn);
      window.end(now);
      if (open === 0) done.resolve();
    };
    turn();
    await withDeadline('the answers of a window', milliseconds + answerWithin, done.promise);
    return { ...window.result(this.sent - first), lateness: Float64Array.from(late).sort() };
  }

  #send(connection: Connection, check: Check, due: number): void {
    this.sent++;
    connection.send(check, due);
  }
}

/** The checks one after the other, and again from the start. */
export function inTurn(checks: readonly Check[]): () => Check {
  let at = 0;
  return () => checks[at++ % checks.length] as Check;
}

/** Where a window ends: at the first of both. */
interface Extent {
  readonly milliseconds?: number;
  readonly calls?: number;
  readonly atOnce?: number;
}

class Recording {
  wrong = 0;
  #firstWrong = '';
  readonly start = performance.now();
  readonly #expected: number;
  readonly #cpu = process.cpuUsage();
  #calls = 0;
  #end: { readonly seconds: number; readonly share: number } | undefined;

  constructor(expected: number) {
    this.#expected = expected;
  }

  add(latency: number, status: number, answer: Buffer, inTime: boolean): void {
    if (status !== this.#expected) {
      this.wrong++;
      this.#firstWrong ||= `${status} ${JSON.stringify(answer.toString('latin1', 0, 500))}`;
    }
    if (inTime && this.#calls < mostCalls) latencies[this.#calls++] = latency;
  }

  /** Only the first call counts. */
  end(now: number): void {
    if (this.#end) return;
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#end = { seconds: (now - this.start) / 1000, share: (user + system) / 1000 / (now - this.start) };
  }

  result(sent: number): Window {
    const { seconds = Number.NaN, share = Number.NaN } = this.#end ?? {};
    return {
      calls: this.#calls,
      sent,
      seconds,
      latencies: latencies.slice(0, this.#calls).sort(),
      generatorShare: share,
      wrong: this.wrong,
      firstWrong: this.#firstWrong,
    };
  }
}
