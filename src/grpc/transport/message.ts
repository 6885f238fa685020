import type { ServerHttp2Stream } from 'node:http2';
import type { Arriving, Intake } from '../../http2/intake.ts';
import { isGone } from '../../http2/is-gone.ts';
import { Pieces } from '../../http2/pieces.ts';
import { prefixBytes } from './reply.ts';

/** Why a message cannot be read. */
export class Unread {
  readonly reason: 'check_too_large' | 'check_malformed' | 'check_incomplete' | 'request_too_large';
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

/**
 * Reads the one message of a unary call, from any number of frames. Calls `then` once: when the message is
 * whole, or when it cannot become whole. Does not wait for the end of the stream. Bytes behind the message in
 * the same frame make it malformed; later bytes are ignored. If the client goes first, `then` is not called.
 * Most messages are whole in the turn of the event loop in which their call begins. All others have to `wait`.
 */
export class IncomingMessage implements Arriving {
  readonly #stream: ServerHttp2Stream;
  readonly #intake: Intake;
  readonly #most: number;
  /**
   * Undefined when the message is done. V8 keeps a stream that has ended for a while, and would keep the call
   * with it.
   */
  #then: ((received: Received) => void) | undefined;
  /** The headers of the call, for as long as there is a `#then`. */
  #head: object | undefined;
  /** Undefined until a first piece that is not the whole message. */
  #pieces: Pieces | undefined;
  #length = -1;
  #isWaiting = false;
  #isPaused = false;

  constructor(
    stream: ServerHttp2Stream,
    head: object,
    intake: Intake,
    most: number,
    then: (received: Received) => void,
  ) {
    this.#stream = stream;
    this.#head = head;
    this.#intake = intake;
    this.#most = most;
    this.#then = then;
    // Begins to read. What came with the first bytes of a connection is in the stream already.
    for (let early = stream.read(); early !== null; early = stream.read()) this.#read(early);
    // Taken here, a piece needs no event, no buffer and no turn of its own. Node stops reading if this is false.
    const { push } = stream;
    // In a constant first: V8 puts a function that is written behind `property =` into the old generation.
    const take = (chunk: Buffer | null): boolean => {
      if (chunk === null) this.#end();
      else this.#read(chunk);
      return chunk === null ? push.call(stream, chunk) : !this.#isPaused;
    };
    stream.push = take;
  }

  /** Begins to count a message that is not whole yet: its bytes, and its time. Called once, at the end of the turn. */
  wait(): void {
    // Both may have happened before the first piece was read.
    if (this.#stream.readableEnded) this.#end();
    if (isGone(this.#stream)) this.#stop();
    if (!this.#head) return;
    // It comes once. `once` would make two more functions, and take them off the list again.
    this.#stream.on('close', () => this.#stop());
    this.#isWaiting = true;
    this.#intake.begin(this, this.#head);
    if (this.#pieces) this.#intake.grow(this, this.#pieces.size);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#stream._read(this.#stream.readableHighWaterMark);
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
    if (this.#isWaiting) this.#intake.grow(this, chunk.length);
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
    this.#head = undefined;
    this.#pieces = undefined;
    if (this.#isWaiting) this.#intake.end(this);
  }
}
