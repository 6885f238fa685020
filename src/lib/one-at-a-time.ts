import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What Node keeps for a connection. It is not documented, and nothing stops if it is missing. */
interface Parsed {
  readonly parser?: { onIncoming?: () => number } | null;
}

/** llhttp then ends behind this head, as it does at an upgrade. */
const stop = 2;

/**
 * Ends a connection, also for the rest of what was read of it. `destroy` alone does not stop Node's parser: 64 KiB can hold
 * two thousand more requests, and nothing else is answered until all of them are made.
 */
export function endNow(socket: Socket): void {
  const { parser } = socket as unknown as Parsed;
  if (parser) parser.onIncoming = () => stop;
  socket.destroy();
}

/**
 * Lets each connection have one request at a time. A proxy, a probe or Prometheus sends the next one when the last is
 * answered. A connection that sends more ends, because the same thread answers checks.
 */
export class OneAtATime {
  readonly #answering = new WeakSet<Socket>();

  /** @returns whether the request may be answered */
  begin({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (this.#answering.has(socket)) {
      endNow(socket);
      return false;
    }
    this.#answering.add(socket);
    response.once('close', () => this.#answering.delete(socket));
    return true;
  }
}
