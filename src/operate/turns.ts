import type { Socket } from 'node:net';

/** Milliseconds between two answers on one connection, and on average between two answers at all. */
const ofOne = 100;
const ofAll = 5;
/** So many milliseconds are caught up with, which is a burst of 40 answers. */
const burst = 200;

/**
 * When a request is answered: at once while few are asked, later where one connection or all of them together ask for more
 * than is reasonable. The waiting is what slows a loop down, since its next question comes after the answer.
 */
export class Turns {
  readonly #next = new WeakMap<Socket, number>();
  #all = Number.NEGATIVE_INFINITY;

  /** @returns milliseconds to wait */
  take(socket: Socket, now: number): number {
    this.#all = Math.max(this.#all, now - burst) + ofAll;
    const turn = Math.max(now, this.#all, this.#next.get(socket) ?? now);
    this.#next.set(socket, turn + ofOne);
    return turn - now;
  }
}
