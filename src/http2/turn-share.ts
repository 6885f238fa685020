import type { Socket } from 'node:net';
import { EndOfTurn } from '../lib/end-of-turn.ts';

/** Streams that one connection begins in a turn. One read of 64 KiB may go beyond it. */
const mostBegun = 256;
/** Milliseconds until it is looked again whether a client reads its answers. */
const pause = 5;

/** What Node calls to read from a connection, or not. It is not documented, and nothing stops if it is missing. */
interface Reading {
  readonly writeQueueSize?: number;
  readStop?(): void;
  readStart?(): void;
}

/**
 * Bounds what one connection begins in a turn of the event loop. Node reads from a socket up to two megabytes at
 * once, which can be 14,000 heads of streams. Nothing is answered before the end of the turn, so their memory, and
 * the time of all others, would grow with the number of such connections. The rest waits in the kernel for a turn.
 */
export class TurnShare {
  /** One for all connections, so that a turn has one end. */
  static readonly #turn = new EndOfTurn<TurnShare>((shares) => {
    for (const share of shares) share.#endTurn();
  });
  readonly #socket: Socket;
  #begun = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** A stream has begun. */
  begin(): void {
    this.#begun++;
    if (this.#begun === 1) TurnShare.#turn.add(this);
    if (this.#begun === mostBegun) this.#reading?.readStop?.();
  }

  /** Undefined once the connection has ended. */
  get #reading(): Reading | undefined {
    return (this.#socket as unknown as { readonly _handle?: Reading | null })._handle ?? undefined;
  }

  #endTurn(): void {
    const hasStopped = this.#begun >= mostBegun;
    this.#begun = 0;
    if (hasStopped) this.#goOn();
  }

  /** While answers wait for the client to read them, Node itself does not read, and that must stay so. */
  #goOn(): void {
    const reading = this.#reading;
    if (reading?.writeQueueSize) setTimeout(() => this.#goOn(), pause).unref();
    else reading?.readStart?.();
  }
}
