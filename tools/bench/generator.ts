import { type ClientHttp2Session, connect } from 'node:http2';
import { withDeadline } from '../../test/support/wait.ts';
import { statusCode } from './frame.ts';

const connections = 2;
const inFlight = 64;
/** However fast the server, a window ends after so many calls. */
const mostCalls = 2_000_000;
/** What was asked must be answered so long after the last question. */
const answerWithin = 10_000;

const headers = {
  ':method': 'POST',
  ':path': '/envoy.service.auth.v3.Authorization/Check',
  ':scheme': 'http',
  ':authority': 'peerproof.bench',
  'content-type': 'application/grpc',
  te: 'trailers',
  'user-agent': 'bench',
  'grpc-timeout': '9S', // Envoy sends one with every call
};

/** What one window of load saw. */
export interface Window {
  /** Answered in time. */
  readonly calls: number;
  /** Those and the ones that were still under way at the end; all were answered. */
  readonly sent: number;
  readonly seconds: number;
  /** Milliseconds, sorted. */
  readonly latencies: Float64Array;
  /** Share of one core that the generator used. */
  readonly generatorShare: number;
  /** Answers with another status than the expected, or with none. */
  readonly wrong: number;
  /** Nanoseconds of the monotonic clock. */
  readonly began: bigint;
  readonly ended: bigint;
}

/** A client without a gRPC library: frames go out and come back as bytes. */
export class Generator {
  /** Calls so far. */
  sent = 0;
  readonly #sessions: readonly ClientHttp2Session[];
  #next = 0;

  constructor(port: number) {
    this.#sessions = Array.from({ length: connections }, () => {
      const session = connect(`http://127.0.0.1:${port}`, {
        settings: { enablePush: false, initialWindowSize: 1_048_576 },
      });
      session.once('connect', () => session.setLocalWindowSize(16_777_216));
      // Calls that are under way end with it, and count as wrong.
      session.on('error', () => undefined);
      return session;
    });
  }

  /** One call. @throws where no whole answer came. */
  async call(frame: Buffer): Promise<Buffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
    this.#send(frame, resolve);
    const answer = await withDeadline('an answer', answerWithin, promise);
    if (!answer) throw new Error('a check was not answered');
    return answer;
  }

  /** Sends each of the frames once. */
  async pass(frames: readonly Buffer[]): Promise<void> {
    let at = 0;
    const slot = async () => {
      for (let frame = frames[at++]; frame; frame = frames[at++]) await this.call(frame);
    };
    await Promise.all(Array.from({ length: inFlight }, slot));
  }

  /** Keeps 64 calls in flight, the frames in turn, for a time. An answer that comes later than that is not counted. */
  async load(frames: readonly Buffer[], expected: number, milliseconds: number): Promise<Window> {
    const latencies: number[] = [];
    let [at, wrong, open] = [this.#next, 0, 0];
    const first = at;
    const done = Promise.withResolvers<void>();
    const cpu = process.cpuUsage();
    const began = process.hrtime.bigint();
    const start = performance.now();
    let share = 0;
    let end: { at: number; clock: bigint } | undefined;

    const next = (): void => {
      const sent = performance.now();
      open++;
      this.#send(frames[at++ % frames.length] as Buffer, (answer) => {
        open--;
        const now = performance.now();
        if (answer === undefined || statusCode(answer) !== expected) wrong++;
        if (now - start < milliseconds && latencies.length < mostCalls && wrong < 1000) {
          latencies.push(now - sent);
          return next();
        }
        if (!end) {
          const { user, system } = process.cpuUsage(cpu);
          share = (user + system) / 1000 / (now - start);
          end = { at: now, clock: process.hrtime.bigint() };
        }
        if (open === 0) done.resolve();
      });
    };
    for (let slot = 0; slot < inFlight; slot++) next();
    await withDeadline('the answers of a window', milliseconds + answerWithin, done.promise);
    this.#next = at % frames.length;
    return {
      calls: latencies.length,
      sent: at - first,
      seconds: ((end?.at ?? performance.now()) - start) / 1000,
      latencies: Float64Array.from(latencies).sort(),
      generatorShare: share,
      wrong,
      began,
      ended: end?.clock ?? process.hrtime.bigint(),
    };
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #send(frame: Buffer, answered: (answer: Buffer | undefined) => void): void {
    const session = this.#sessions[this.sent++ % connections] as ClientHttp2Session;
    if (session.destroyed) {
      queueMicrotask(() => answered(undefined));
      return;
    }
    const stream = session.request(headers);
    let answer: Buffer | undefined;
    let good = false;
    stream.on('data', (chunk: Buffer) => {
      answer = answer ? Buffer.concat([answer, chunk]) : chunk;
    });
    stream.on('trailers', (trailers) => {
      good = trailers['grpc-status'] === '0';
    });
    stream.on('error', () => undefined);
    stream.on('close', () => answered(good ? answer : undefined));
    stream.end(frame);
  }
}
