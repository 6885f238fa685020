import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two readings. */
const every = 1_000;
/** Readings in a row above the limit that make a process too busy. One long pause does not. */
const enough = 3;

/** The delay of the event loop in the last second, and whether it has been too long for several seconds. */
export class EventLoop {
  readonly #histogram = monitorEventLoopDelay({ resolution: 10 });
  #timer: NodeJS.Timeout | undefined;
  #busyFor = 0;
  /** In seconds, over the last full second. */
  delay = { mean: 0, p99: 0, max: 0 };

  /** @param limit returns the largest accepted mean delay in milliseconds; called at each reading */
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
    // Nanoseconds. `mean` is NaN if nothing was measured.
    this.delay = { mean: (mean || 0) / 1e9, p99: p99 / 1e9, max: max / 1e9 };
    this.#busyFor = this.delay.mean * 1000 > limit ? this.#busyFor + 1 : 0;
  }
}
