import type { Pipeline } from './http1-pipeline.ts';
import type { Http1Request } from './http1-request.ts';
import { bodyBytes } from './limits.ts';

/** The body of a request, which nothing reads. */
export interface Body {
  /** Whether it is longer than its connection is worth. */
  readonly tooLong: boolean;
  /** Whether all of it has arrived. */
  readonly whole: boolean;
}

const noBody: Body = { tooLong: false, whole: true };

/** Reads and drops a body up to a limit. Beyond it the sender has to wait. */
export function bodyOf(request: Http1Request, pipeline: Pipeline): Body {
  const { 'content-length': length, 'transfer-encoding': coding } = request.joined.headers;
  // Envoy announces a length of 0 in each check.
  return coding === undefined && (length === undefined || length === '0')
    ? noBody
    : new DroppedBody(request, pipeline, Number(length ?? 0));
}

class DroppedBody implements Body {
  readonly #request: Http1Request;
  #size: number;

  constructor(request: Http1Request, pipeline: Pipeline, announced: number) {
    this.#request = request;
    this.#size = announced;
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      this.#size = Math.max(received, announced);
      if (received > bodyBytes) request.pause();
    });
    request.once('end', () => pipeline.whole());
  }

  get tooLong(): boolean {
    return this.#size > bodyBytes;
  }

  get whole(): boolean {
    return this.#request.complete;
  }
}
