import type { Socket } from 'node:net';

/** What an HTTP/2 client says first (RFC 9113 §3.4). No HTTP/1 request begins like it. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Whether these first bytes are of HTTP/2; undefined while they could still become either. */
export function isHttp2(first: Buffer): boolean | undefined {
  const length = Math.min(first.length, preface.length);
  if (preface.compare(first, 0, length, 0, length) !== 0) return false;
  return length === preface.length ? true : undefined;
}

/** Connections that have not said enough yet to be handed on to whoever serves them. */
export class FirstBytes {
  readonly #waiting = new Set<Socket>();
  readonly #timeout: number;
  #closed = false;

  /** Who has not said enough after `timeout` milliseconds is cut off. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Calls `then` once, when `decide` knows what the first bytes mean; they are back in the socket by then. */
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
        // The end came first: there is nobody to serve.
        socket.destroy();
        return;
      }
      // Kept here and not put back until it is enough: what is put back is at once readable again.
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

  /** Ends those that wait, now and later, as after a TLS handshake: they have asked nothing. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#waiting) socket.destroy();
  }
}
