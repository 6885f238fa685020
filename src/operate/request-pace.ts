import type { Socket } from 'node:net';

/** Milliseconds between two answers: on one connection, and on average over all connections. */
const ofOne = 100;
const ofAll = 5;
/** Unused milliseconds that can be saved up. They allow a burst of 40 answers. */
const burst = 200;

/**
 * Delays requests to the admin port if one connection, or all of them together, send too many. A client that
 * loops is slowed down, because its next request comes after the answer. The number of open connections
 * bounds the delay, so that a flood that has ended does not delay a probe.
 */
export class RequestPace {
  readonly #next = new WeakMap<Socket, number>();
  #all = Number.NEGATIVE_INFINITY;

  /**
   * @param now milliseconds of a monotonic clock
   * @param open the number of open connections, each with at most one unanswered request
   * @returns milliseconds to wait
   */
  take(socket: Socket, now: number, open: number): number {
    this.#all = Math.min(Math.max(this.#all, now - burst) + ofAll, now + open * ofAll);
    const turn = Math.max(now, this.#all, this.#next.get(socket) ?? now);
    this.#next.set(socket, turn + ofOne);
    return turn - now;
  }
}
