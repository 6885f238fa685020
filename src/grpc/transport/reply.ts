import type { ServerHttp2Stream } from 'node:http2';
import { isGone } from '../../http2/is-gone.ts';
import { noError } from '../../http2/node-options.ts';
import type { Status, status } from './status.ts';

const head = { ':status': 200, 'content-type': 'application/grpc' };
/** The same as names and values in turn. Node copies an object for each answer, and this not. */
const lines = Object.entries(head).flatMap(([name, value]) => [name, String(value)]);
/** A proxy has no use for a `date` header. */
const whole = { waitForTrailers: true, sendDate: false };
const atOnce = { endStream: true, sendDate: false };
const good = { 'grpc-status': '0' };

/** The bytes before a message: one for compression, four for the length. */
export const prefixBytes = 5;

/** Sends the one message of a unary call, with room for its prefix. Does nothing if the client has gone. */
export function reply(stream: ServerHttp2Stream, framed: Buffer): void {
  if (!begin(stream)) return;
  writePrefix(framed);
  stream.end(framed);
}

/** Begins a call of many messages. @returns false if the client has gone */
export function begin(stream: ServerHttp2Stream): boolean {
  if (isGone(stream)) return false;
  // It comes once. `once` would make two functions for each call.
  stream.on('wantTrailers', sayGood);
  stream.respond(lines, whole);
  return true;
}

/** Sends one of many messages. It begins with room for its prefix. */
export function replyOne(stream: ServerHttp2Stream, framed: Buffer): void {
  if (isGone(stream)) return;
  writePrefix(framed);
  stream.write(framed);
}

/** Sends a gRPC error in the head alone ("Trailers-Only"). `more` holds further header fields. */
export function fail(
  stream: ServerHttp2Stream,
  code: Exclude<Status, typeof status.OK>,
  message: string,
  more: Readonly<Record<string, string>> = {},
): void {
  end(stream, { ...head, 'grpc-status': String(code), 'grpc-message': message, ...more });
}

/** Sends a plain HTTP error, which is not an answer of gRPC. */
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

/** A stream with an unfinished request stays open until we refuse the rest of it (RFC 9113 §8.1). */
function giveBack(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  const close = (): void => void setImmediate(() => stream.close(noError));
  // Before trailers it has finished already.
  if (stream.writableFinished) close();
  else stream.once('finish', close);
}

function writePrefix(framed: Buffer): void {
  framed[0] = 0;
  framed.writeUInt32BE(framed.length - prefixBytes, 1);
}
