import type { ServerHttp2Stream } from 'node:http2';
import { noError } from '../../http2/node-options.ts';
import type { Status, status } from './status.ts';

const head = { ':status': 200, 'content-type': 'application/grpc' };
/** The moment of an answer is of no use to a proxy. */
const whole = { waitForTrailers: true, sendDate: false };
const atOnce = { endStream: true, sendDate: false };
const good = { 'grpc-status': '0' };

/** The bytes in front of a message: not compressed, and its length. */
export const prefixBytes = 5;

/** Sends the one message of a unary call, which begins with room for its prefix. To a client that has gone, nothing. */
export function reply(stream: ServerHttp2Stream, framed: Buffer): void {
  if (!begin(stream)) return;
  writePrefix(framed);
  stream.end(framed);
}

/** Begins a call of many messages. @returns false where the client has gone */
export function begin(stream: ServerHttp2Stream): boolean {
  if (isGone(stream)) return false;
  stream.once('wantTrailers', sayGood);
  stream.respond(head, whole);
  return true;
}

/** One of many messages, which begins with room for its prefix. */
export function replyOne(stream: ServerHttp2Stream, framed: Buffer): void {
  if (isGone(stream)) return;
  writePrefix(framed);
  stream.write(framed);
}

/** A gRPC error, which is all in the head ("Trailers-Only"). `more` are further header fields. */
export function fail(
  stream: ServerHttp2Stream,
  code: Exclude<Status, typeof status.OK>,
  message: string,
  more: Readonly<Record<string, string>> = {},
): void {
  end(stream, { ...head, 'grpc-status': String(code), 'grpc-message': message, ...more });
}

/** Not an answer of gRPC at all. */
export function failHttp(stream: ServerHttp2Stream, code: 405 | 415): void {
  end(stream, { ':status': code });
}

function end(stream: ServerHttp2Stream, fields: Record<string, string | number>): void {
  if (isGone(stream)) return;
  stream.respond(fields, atOnce);
  stream.resume();
  giveBack(stream);
}

function sayGood(this: ServerHttp2Stream): void {
  if (isGone(this)) return;
  this.sendTrailers(good);
  giveBack(this);
}

/** A stream whose client has not said everything is open until we say that we do not listen (RFC 9113 §8.1). */
function giveBack(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded) stream.once('finish', () => setImmediate(() => stream.close(noError)));
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}

function writePrefix(framed: Buffer): void {
  framed[0] = 0;
  framed.writeUInt32BE(framed.length - prefixBytes, 1);
}
