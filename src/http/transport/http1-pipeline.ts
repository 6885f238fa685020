import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The requests of one HTTP/1 connection. */
export class Pipeline {
  readonly #socket: Socket;
  unanswered = 0;
  /** The response to the latest request. */
  latest: ServerResponse | undefined;
  /** Whether all requests behind the latest one are ignored. */
  over = false;
  /** The bytes that had been read when the latest request was whole. */
  #read = 0;
  #awaited: ServerResponse | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Records a request. Its body may still be on its way. */
  begin(response: ServerResponse): void {
    this.unanswered++;
    this.latest = response;
    this.whole();
  }

  /** Records that all bytes read until now belong to the latest request. */
  whole(): void {
    this.#read = this.#socket.bytesRead;
  }

  /**
   * Ends the connection now, or after its latest answer. It stays open if half a request has arrived by then.
   */
  endWhenIdle(): void {
    const { latest } = this;
    if (this.unanswered > 0 || latest?.writableFinished === false) {
      if (this.#awaited === latest) return;
      this.#awaited = latest;
      latest?.once('close', () => this.endWhenIdle());
    } else if (this.#socket.bytesRead === this.#read) this.#socket.destroy();
  }
}
