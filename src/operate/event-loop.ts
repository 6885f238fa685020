import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two readings. */
const every = 1_000;
/** So many readings in a row make a process too busy: one long pause does not. */
const enough = 3;

/** How long work waits for its turn in this process: in the last second, and whether that has been too long for a while. */
export class EventLoop {
  readonly #histogram = monitorEventLoopDelay({ resolution: 10 });
  #timer: NodeJS.Timeout | undefined;
  #busyFor = 0;
  /** Seconds, in the last full second. */
  delay = { mean: 0, p99: 0, max: 0 };

  /** @param limit milliseconds of mean delay, asked for each time */
  start(limit: () => number): void {
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#read(limit()), every);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  get tooBusy(): boolean {
    return this.#busyFor >= enough;
  }

  #read(limit: number): void {
    const { mean, max } = this.#histogram;
    const p99 = this.#histogram.percentile(99);
    this.#histogram.reset();
    // Nanoseconds; nothing at all was measured while nothing ran.
    this.delay = { mean: (mean || 0) / 1e9, p99: p99 / 1e9, max: max / 1e9 };
    this.#busyFor = this.delay.mean * 1000 > limit ? this.#busyFor + 1 : 0;
  }
}
