import type { ServerHttp2Stream } from 'node:http2';
import { holdBack } from '../../http2/hold-back.ts';
import type { Intake } from '../../http2/intake.ts';
import { isGone } from '../../http2/is-gone.ts';
import { createSessions, type Sessions } from '../../http2/sessions.ts';
import type { Malformed } from '../../lib/malformed.ts';
import { readArriving } from './arriving-body.ts';
import { bodyBytes, type HttpLimits, headBytes, headerLines, streams } from './limits.ts';
import { type Answer, type HttpCheck, joinHeaders } from './messages.ts';
import { answerTo, bare, type PreparedAnswer } from './prepared-answer.ts';

/**
 * The limits are above what nghttp2 accepts, which is nine frames. Node resets the stream of a larger head,
 * and a check without an answer obeys `failure_mode_allow`. A head between our limit and this one gets a 431,
 * as over HTTP/1, which denies it.
 */
const bounds = {
  streams,
  // The bytes of a body that may be sent before the answer stops it.
  window: bodyBytes - 1,
  headBytes: 4 * headBytes,
  headerLines: 4 * headerLines,
};

/**
 * Serves checks over HTTP/2 on accepted connections. A body that no check asks for is **not** read: flow
 * control leaves it with the sender. Malformed header lines, such as those with control characters, are
 * **not** noticed: Node drops them.
 */
export function serveHttp2(
  answer: Answer,
  { head, stall, idle, grace }: HttpLimits,
  intake: Intake,
): Sessions {
  const times = { first: head, rest: stall, stall, idle, grace };
  return createSessions(bounds, times, (stream, { raw, remoteAddress }) => {
    serveStream(stream, raw, remoteAddress, answer, intake);
    return 'answer';
  });
}

function serveStream(
  stream: ServerHttp2Stream,
  raw: readonly string[],
  address: string,
  answer: Answer,
  intake: Intake,
): void {
  if (isTooLong(raw)) {
    send(stream, bare(431), false);
    return;
  }
  const head = checkOf(raw, address);
  const check = stream.endAfterHeaders ? head : withBody(head, stream, intake);
  const asksForBody = check.method !== 'HEAD';
  // Any 2xx to a CONNECT would open a tunnel.
  const answered = check.method === 'CONNECT' ? bare(403) : answerTo(check, answer);
  if (answered instanceof Promise) void answered.then((late) => send(stream, late, asksForBody));
  else send(stream, answered, asksForBody);
}

/** While nobody reads the body, it is not kept: a window of it is, in pieces, up to seven megabytes of heap. */
function withBody(head: HttpCheck, stream: ServerHttp2Stream, intake: Intake): HttpCheck {
  const goOn = holdBack(stream);
  return {
    ...head,
    readBody() {
      goOn();
      return readBody(stream, head.headers, intake);
    },
  };
}

/** Node ends a stream with its answer, unless something was read of it. */
function readBody(stream: ServerHttp2Stream, headers: object, intake: Intake): Promise<string | Malformed> {
  stream.once('finish', () => {
    if (!stream.readableEnded) stream.close();
  });
  const read = readArriving(stream, headers, intake, () => !stream.aborted && !stream.closed);
  // The rest of a body that is too long stays with the sender.
  return read.finally(() => holdBack(stream));
}

/** Counts as RFC 9113 §6.5.2 does, including the four pseudo headers. */
function isTooLong(raw: readonly string[]): boolean {
  if (raw.length > 2 * (headerLines + 4)) return true;
  let size = 16 * raw.length;
  for (const text of raw) size += text.length;
  return size > headBytes;
}

function checkOf(raw: readonly string[], remoteAddress: string): HttpCheck {
  const { headers, repeated } = joinHeaders(raw, '; ');
  const { ':method': method = '', ':path': target = '', ':authority': authority, host } = headers;
  for (const name in headers) if (name.startsWith(':')) delete headers[name];
  const hosts = new Set([authority, host].filter((name) => name !== undefined));
  return { method, target, host: [...hosts].join(','), headers, repeated, remoteAddress };
}

function send(stream: ServerHttp2Stream, { status, head, body }: PreparedAnswer, asksForBody: boolean): void {
  // The client may have gone.
  if (isGone(stream)) return;
  const endStream = body === '' || !asksForBody;
  try {
    stream.respond([':status', String(status), ...head], { endStream });
  } catch {
    // Node refuses some repeated names. Nothing has been sent by then.
    stream.respond({ ':status': 500 }, { endStream: true });
    return;
  }
  if (!endStream) stream.end(body);
}
