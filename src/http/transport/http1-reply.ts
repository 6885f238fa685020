import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { destroyLater } from '../../http2/destroy-later.ts';
import { STATUS_CODES } from '../../lib/node-http.ts';
import type { PreparedAnswer } from './prepared-answer.ts';

export interface ReplyOptions {
  /** Whether the whole request has arrived. */
  readonly whole: boolean;
  /** Whether the connection ends with this answer. */
  readonly last: boolean;
  /** Milliseconds for the rest of the request. */
  readonly grace: number;
}

/** Writes an answer at once, even if the request is not whole. */
export function reply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, head, body }: PreparedAnswer,
  { whole, last, grace }: ReplyOptions,
): void {
  const lines = head.slice();
  if (status !== 204 && status !== 304) lines.push('content-length', String(Buffer.byteLength(body)));
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
