import type { Socket } from 'node:net';

/** Milliseconds between two answers on one connection, and on average between two answers at all. */
const ofOne = 100;
const ofAll = 5;
/** So many milliseconds are caught up with, which is a burst of 40 answers. */
const burst = 200;

/**
 * When a request of the admin port is answered: at once while few ask, later where one connection or all of them together
 * ask for more than is reasonable. The wait slows a loop down, since its next question comes after the answer. It is
 * bounded by the connections that are open, so that a flood that has ended delays no probe.
 */
export class RequestPace {
  readonly #next = new WeakMap<Socket, number>();
  #all = Number.NEGATIVE_INFINITY;

  /**
   * @param now milliseconds of a steady clock
   * @param open connections at present, each with one unanswered request at the most
   * @returns milliseconds to wait
   */
  take(socket: Socket, now: number, open: number): number {
    this.#all = Math.min(Math.max(this.#all, now - burst) + ofAll, now + open * ofAll);
    const turn = Math.max(now, this.#all, this.#next.get(socket) ?? now);
    this.#next.set(socket, turn + ofOne);
    return turn - now;
  }
}
