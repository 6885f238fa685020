import { holdBack } from '../../http2/hold-back.ts';
import type { Intake } from '../../http2/intake.ts';
import { readArriving } from './arriving-body.ts';
import type { Pipeline } from './http1-pipeline.ts';
import type { Http1Request } from './http1-request.ts';
import { bodyBytes } from './limits.ts';
import type { HttpCheck } from './messages.ts';

/** The body of a request. */
export interface Body {
  /** Absent if there is none. */
  readonly read?: HttpCheck['readBody'];
  /** Whether it is longer than its connection is worth. */
  readonly tooLong: boolean;
  /** Whether all of it has arrived. */
  readonly whole: boolean;
}

const noBody: Body = { tooLong: false, whole: true };

/** Reads a body up to a limit, and drops it if no check asks for it. Beyond the limit the sender has to wait. */
export function bodyOf(request: Http1Request, pipeline: Pipeline, intake: Intake): Body {
  const { 'content-length': length, 'transfer-encoding': coding } = request.joined.headers;
  // Envoy announces a length of 0 in each check.
  return coding === undefined && (length === undefined || length === '0')
    ? noBody
    : new SentBody(request, pipeline, intake, Number(length ?? 0));
}

class SentBody implements Body {
  readonly #request: Http1Request;
  readonly #intake: Intake;
  #size: number;

  constructor(request: Http1Request, pipeline: Pipeline, intake: Intake, announced: number) {
    this.#request = request;
    this.#intake = intake;
    this.#size = announced;
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      this.#size = Math.max(received, announced);
      if (received > bodyBytes) holdBack(request);
    });
    request.once('end', () => pipeline.whole());
  }

  readonly read = () =>
    readArriving(this.#request, this.#request.joined.headers, this.#intake, () => this.whole);

  get tooLong(): boolean {
    return this.#size > bodyBytes;
  }

  get whole(): boolean {
    return this.#request.complete;
  }
}
