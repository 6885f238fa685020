import type { Socket } from 'node:net';

/** The first bytes of an HTTP/2 client (RFC 9113 §3.4). An HTTP/1 request never begins like this. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Whether these first bytes are HTTP/2. Undefined while they can still become either. */
export function isHttp2(first: Buffer): boolean | undefined {
  const length = Math.min(first.length, preface.length);
  if (preface.compare(first, 0, length, 0, length) !== 0) return false;
  return length === preface.length ? true : undefined;
}

/** Connections that have not sent enough bytes to be recognized. */
export class FirstBytes {
  readonly #waiting = new Set<Socket>();
  readonly #timeout: number;
  #closed = false;

  /** A client that has not sent enough after `timeout` milliseconds is cut off. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Calls `then` once, when `decide` recognizes the first bytes. They are back in the socket by then. */
  wait<T>(socket: Socket, decide: (first: Buffer) => T | undefined, then: (found: T) => void): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    let first: Buffer = Buffer.alloc(0);
    const stop = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off('readable', read);
      socket.off('close', stop);
    };
    const read = (): void => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) {
        // The connection ended first.
        socket.destroy();
        return;
      }
      // Kept here until they are enough. Bytes that are put back are readable again at once.
      first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
      const found = decide(first);
      if (found === undefined) return;
      stop();
      socket.unshift(first);
      then(found);
    };
    const timer = setTimeout(() => socket.destroy(), this.#timeout);
    this.#waiting.add(socket);
    socket.on('readable', read);
    socket.on('close', stop);
  }

  /** Ends the waiting connections, and later ones, such as those after a TLS handshake. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#waiting) socket.destroy();
  }
}
