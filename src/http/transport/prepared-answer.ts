import { validateHeaderName, validateHeaderValue } from '../../lib/node-http.ts';
import { alwaysAnswered, type Soon } from '../../lib/soon.ts';
import type { Answer, HttpAnswer, HttpCheck } from './messages.ts';

/**
 * An answer that can be sent. It is checked when it is made, so that a mistake cannot end in half an answer.
 * It can be sent many times.
 */
export class PreparedAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  /** Empty if an answer with this status has no body. */
  readonly body: string;
  /** Names and values in turn. */
  readonly head: readonly string[];

  /** @throws if the answer cannot be sent as it is */
  constructor({ status, headers, body }: HttpAnswer) {
    if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`status ${status}`);
    const head: string[] = [];
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      if (framing.has(name.toLowerCase())) throw new TypeError(`${name} frames the answer`);
      head.push(name, value);
    }
    if (typeof body !== 'string') throw new TypeError('the body is not a text');
    this.status = status;
    this.headers = headers;
    this.head = head;
    // RFC 9110 §15.3.5, §15.3.6, §15.4.5.
    this.body = status === 204 || status === 205 || status === 304 ? '' : body;
  }
}

const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** An answer of the transport itself: only a status. */
export function bare(status: number): PreparedAnswer {
  return new PreparedAnswer({ status, headers: [], body: '' });
}

/** The answer if there is none, or none that can be sent. */
const failed = bare(500);

/** The answer to a check, or a 500 if it cannot be sent as it is. Never throws and never rejects. */
export function answerTo(check: HttpCheck, answer: Answer): Soon<PreparedAnswer> {
  return alwaysAnswered(
    () => answer(check),
    prepare,
    () => failed,
  );
}

function prepare(given: HttpAnswer): PreparedAnswer {
  return given instanceof PreparedAnswer ? given : new PreparedAnswer(given);
}
