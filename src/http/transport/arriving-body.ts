import type { Readable } from 'node:stream';
import { holdBack } from '../../http2/hold-back.ts';
import type { Arriving, Intake } from '../../http2/intake.ts';
import { Pieces } from '../../http2/pieces.ts';
import { Malformed } from '../../lib/malformed.ts';
import { bodyBytes } from './limits.ts';

/**
 * Reads a body as Latin-1, in which each character is a byte. Stops one byte behind the limit, so that a longer
 * body can be told. The intake bounds its time, and the memory of all bodies together. Never rejects.
 * @param isWhole asked at the end of the stream, which also comes when the sender resets it
 * @returns why there is no body, if it did not arrive
 */
export function readArriving(
  stream: Readable,
  headers: object,
  intake: Intake,
  isWhole: () => boolean,
): Promise<string | Malformed> {
  const { promise, resolve } = Promise.withResolvers<string | Malformed>();
  let pieces = new Pieces();
  let goOn: (() => void) | undefined;
  const body: Arriving = {
    pause() {
      goOn = holdBack(stream);
    },
    resume,
    giveUp: (why) => finish(new Malformed(why)),
  };
  intake.begin(body, headers);
  stream.on('data', take);
  stream.once('end', () => finish(isWhole() ? text() : gone));
  stream.once('close', () => finish(gone));
  return promise;

  function take(chunk: Buffer): void {
    // What comes after the limit is not read, so it is not kept.
    pieces.add(chunk.subarray(0, bodyBytes + 1 - pieces.size));
    if (pieces.size > bodyBytes) finish(text());
    else intake.grow(body, chunk.length);
  }

  function resume(): void {
    goOn?.();
    goOn = undefined;
  }

  function text(): string {
    return pieces.joined().toString('latin1');
  }

  /** Only the first call counts. */
  function finish(read: string | Malformed): void {
    intake.end(body);
    stream.off('data', take);
    resume();
    pieces = new Pieces();
    resolve(read);
  }
}

const gone = new Malformed('the sender went away before the body was complete');
