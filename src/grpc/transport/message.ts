import type { ServerHttp2Stream } from 'node:http2';
import { holdBack } from '../../http2/hold-back.ts';
import type { Arriving, Intake } from '../../http2/intake.ts';
import { Pieces } from '../../http2/pieces.ts';

/** Why a message cannot be read. */
export class Unread {
  readonly reason: 'check_too_large' | 'check_malformed' | 'check_incomplete';
  /** Only for the log. */
  readonly detail: string;

  constructor(reason: Unread['reason'], detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/** The message is marked as compressed. */
export const compressed = Symbol('compressed');

export type Received = Buffer | Unread | typeof compressed;

/** One byte for compression, four for the length. */
const prefixBytes = 5;

/**
 * Reads the one message of a unary call, from any number of frames. Calls `then` once: when the message is
 * whole, or when it cannot become whole. Does not wait for the end of the stream. Bytes behind the message in
 * the same frame make it malformed; later bytes are ignored. If the client goes first, `then` is not called.
 */
export class IncomingMessage implements Arriving {
  readonly #stream: ServerHttp2Stream;
  readonly #intake: Intake;
  readonly #most: number;
  /** Undefined when the message is done. V8 keeps a stream that has ended for a while, and would keep the call with it. */
  #then: ((received: Received) => void) | undefined;
  /** Undefined until a first piece that is not the whole message. */
  #pieces: Pieces | undefined;
  #goOn: (() => void) | undefined;
  #length = -1;

  constructor(stream: ServerHttp2Stream, intake: Intake, most: number, then: (received: Received) => void) {
    this.#stream = stream;
    this.#intake = intake;
    this.#most = most;
    this.#then = then;
    intake.begin(this);
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    // These come once. `once` would make two more functions for each, and take them off the list again.
    stream.on('end', () => this.#end());
    stream.on('close', () => this.#stop());
  }

  pause(): void {
    this.#goOn = holdBack(this.#stream);
  }

  resume(): void {
    this.#goOn?.();
    this.#goOn = undefined;
  }

  giveUp(why: string): void {
    this.#finish(new Unread('check_incomplete', why));
  }

  #read(chunk: Buffer): void {
    if (!this.#then) return;
    this.#pieces?.add(chunk);
    // Most messages come in one piece, which is not copied.
    const bytes = this.#pieces?.joined() ?? chunk;
    if (this.#length < 0 && bytes.length >= prefixBytes) {
      const flaw = this.#readPrefix(bytes);
      if (flaw !== undefined) {
        this.#finish(flaw);
        return;
      }
    }
    if (this.#length >= 0 && bytes.length >= prefixBytes + this.#length) {
      if (bytes.length > prefixBytes + this.#length)
        this.#finish(new Unread('check_malformed', 'bytes follow the message'));
      else this.#finish(bytes.subarray(prefixBytes));
      return;
    }
    if (!this.#pieces) {
      this.#pieces = new Pieces();
      this.#pieces.add(chunk);
    }
    this.#intake.grow(this, chunk.length);
  }

  #readPrefix(first: Buffer): Received | undefined {
    if (first[0] === 1) return compressed;
    if (first[0] !== 0) return new Unread('check_malformed', `the flags of the message are ${first[0]}`);
    this.#length = first.readUInt32BE(1);
    return this.#length > this.#most
      ? new Unread(
          'check_too_large',
          `the message has ${this.#length} bytes; grpc.maxMessageBytes is ${this.#most}`,
        )
      : undefined;
  }

  #end(): void {
    // A stream that the client resets ends too. That client does not wait for an answer.
    if (this.#then && !this.#stream.closed)
      this.#finish(new Unread('check_malformed', `the message ends after ${this.#pieces?.size ?? 0} bytes`));
  }

  #finish(received: Received): void {
    const then = this.#then;
    if (!then) return;
    this.#stop();
    // All further bytes are ignored.
    this.resume();
    then(received);
  }

  #stop(): void {
    if (!this.#then) return;
    this.#then = undefined;
    this.#pieces = undefined;
    this.#intake.end(this);
  }
}
