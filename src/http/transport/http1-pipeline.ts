import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The requests of one HTTP/1 connection. */
export class Pipeline {
  readonly #socket: Socket;
  unanswered = 0;
  /** The response to the request that came last. */
  latest: ServerResponse | undefined;
  /** Nothing that comes after the latest is looked at. */
  over = false;
  /** What had been read when the latest request was whole. */
  #read = 0;
  #awaited: ServerResponse | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Notes a request, whose body may still be on its way. */
  begin(response: ServerResponse): void {
    this.unanswered++;
    this.latest = response;
    this.whole();
  }

  /** Notes that everything read until now belongs to the latest request. */
  whole(): void {
    this.#read = this.#socket.bytesRead;
  }

  /** Ends the connection now, or when its latest answer is out, unless half a request has come by then. */
  endWhenIdle(): void {
    const { latest } = this;
    if (this.unanswered > 0 || latest?.writableFinished === false) {
      if (this.#awaited === latest) return;
      this.#awaited = latest;
      latest?.once('close', () => this.endWhenIdle());
    } else if (this.#socket.bytesRead === this.#read) this.#socket.destroy();
  }
}
