import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { destroyLater } from '../../http2/destroy-later.ts';
import { STATUS_CODES } from '../../lib/node-http.ts';
import type { HttpLimits } from './limits.ts';
import type { PreparedAnswer } from './prepared-answer.ts';

export interface ReplyOptions {
  /** Whether the whole request has arrived. */
  readonly whole: boolean;
  /** Whether the connection ends with this answer. */
  readonly last: boolean;
  readonly limits: Pick<HttpLimits, 'grace' | 'idle'>;
}

/** Writes an answer at once, even if the request is not whole. */
export function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: PreparedAnswer,
  { whole, last, limits }: ReplyOptions,
): void {
  if (whole && !last && response.shouldKeepAlive && request.httpVersion === '1.1') {
    replyPrepared(response, answer, limits.idle);
    return;
  }
  const { grace } = limits;
  const { status, head, body } = answer;
  const lines = head.slice();
  const length = contentLength(answer);
  if (length !== undefined) lines.push('content-length', String(length));
  if (last) lines.push('connection', 'close');
  response.writeHead(status, lines);
  if (whole) {
    response.end(body);
    return;
  }
  if (last) {
    // Node closes the connection with the response: a sending client could see that before it reads the
    // answer.
    if (body === '') response.flushHeaders();
    else response.write(body);
    const end = (): unknown => response.end();
    const timer = setTimeout(end, grace);
    request.once('end', end);
    response.once('close', () => clearTimeout(timer));
    return;
  }
  response.end(body);
  // The time starts when everything was written, including earlier answers.
  response.once('finish', () => {
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, grace);
    request.once('close', () => clearTimeout(timer));
  });
}

/** Undefined for a status whose answers must not have one (RFC 9110 §8.6), or need none. */
function contentLength({ status, body }: PreparedAnswer): number | undefined {
  return status === 204 || status === 304 ? undefined : Buffer.byteLength(body);
}

/**
 * The usual answer: the request is whole, and its connection stays open. `writeHead` would look at each character
 * of the head once more, which took 8 % of a check. `PreparedAnswer` has looked at them.
 */
function replyPrepared(response: ServerResponse, answer: PreparedAnswer, idle: number): void {
  const { status, head, body } = answer;
  const length = contentLength(answer);
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let at = 0; at + 1 < head.length; at += 2) text += `${head[at]}: ${head[at + 1]}\r\n`;
  if (length !== undefined) text += `content-length: ${length}\r\n`;
  text += `Date: ${dateOfNow()}\r\nConnection: keep-alive\r\n`;
  text += `Keep-Alive: timeout=${Math.floor(idle / 1_000)}\r\n\r\n`;
  // If a version of Node does not look for its head where it is put here, it answers with this status.
  response.statusCode = 403;
  (response as unknown as { _header: string })._header = text;
  response.end(body);
}

let second = 0;
let date = '';

/** Made once a second (RFC 9110 §6.6.1). */
function dateOfNow(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) {
    second = now;
    date = new Date(1_000 * now).toUTCString();
  }
  return date;
}

/** Ends the connection of a client that made a mistake, even if answers are owed. Reads nothing further. */
export function cutOff(socket: Duplex, status: number, grace: number): void {
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.pause();
  destroyLater(socket, grace);
}
