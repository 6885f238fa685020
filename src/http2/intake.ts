import { weightOf } from '../lib/weight.ts';

/** A message that is not whole yet. */
export interface Arriving {
  /** Stops reading. Flow control leaves the rest with the sender, except for at most a window. */
  pause(): void;
  resume(): void;
  /** The message is answered without being read, and its bytes are released. */
  giveUp(why: string): void;
}

/** Sizes in bytes, times in milliseconds. */
export interface IntakeBounds {
  /** The limit for all messages that are not whole, over all connections. */
  readonly bytes: number;
  /** The limit for their number. The stream of each takes some 8 KB of memory beside its bytes. */
  readonly messages: number;
  /** The limit for the bytes of memory that their heads take. */
  readonly heads: number;
  /** The bytes that a sender may send before it notices that it has to wait. */
  readonly window: number;
  /** From the beginning of a call to its whole message, without the time in which this process was held up. */
  readonly patience: number;
  /** Without another byte, while other messages wait for room. */
  readonly stall: number;
}

interface Place {
  bytes: number;
  readonly head: number;
  readonly began: number;
  grew: number;
  paused: boolean;
  /** Of `bytes`: what may still arrive while it is paused. */
  reserved: number;
}

/**
 * Bounds the memory for messages that are not whole yet. All messages share one half of the room. When that
 * half is full, growing messages wait until others are whole; the oldest message does not wait. A message is
 * given up if it takes too long, or if it stands still while others wait. The oldest message is given up when
 * the room is full. So a sender of halves cannot keep whole messages out. Their heads have a room of their own:
 * heads without messages make no message wait.
 */
export class Intake {
  readonly #bounds: IntakeBounds;
  /** In the order in which they began. */
  readonly #places = new Map<Arriving, Place>();
  #bytes = 0;
  #heads = 0;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  /**
   * Milliseconds in which this process was held up, by other checks or by a machine that was too busy. What had
   * arrived could not be read then, so no sender is blamed for them.
   */
  #heldUp = 0;

  constructor(bounds: IntakeBounds) {
    this.#bounds = bounds;
  }

  /** The bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param headers held for as long as the message arrives */
  begin(message: Arriving, headers: object): void {
    const now = this.#now();
    const head = weightOf(headers);
    this.#places.set(message, { bytes: 0, head, began: now, grew: now, paused: false, reserved: 0 });
    this.#heads += head;
    this.#watch();
    const { heads, messages } = this.#bounds;
    const isFull = () => this.#heads > heads || this.#places.size > messages;
    this.#makeRoom(isFull, 'the room for heads without messages is full');
  }

  grow(message: Arriving, bytes: number): void {
    const place = this.#places.get(message);
    if (!place) return;
    place.grew = this.#now();
    const expected = Math.min(bytes, place.reserved);
    place.reserved -= expected;
    this.#take(place, bytes - expected);
    const [oldest] = this.#places.keys();
    if (this.#bytes > this.#bounds.bytes / 2 && message !== oldest && !place.paused) {
      place.paused = true;
      this.#waiting++;
      message.pause();
      // The sender may still send a whole window, and that is held too.
      place.reserved = this.#bounds.window;
      this.#take(place, place.reserved);
    }
    this.#makeRoom(() => this.#bytes > this.#bounds.bytes, 'the room for incomplete messages is full');
  }

  /** The message is whole, or its sender has gone. */
  end(message: Arriving): void {
    const place = this.#places.get(message);
    if (!place) return;
    this.#places.delete(message);
    this.#bytes -= place.bytes;
    this.#heads -= place.head;
    if (place.paused) this.#waiting--;
    if (this.#waiting > 0) this.#resume();
  }

  #take(place: Place, bytes: number): void {
    place.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Gives up the oldest messages, until there is room again. */
  #makeRoom(isFull: () => boolean, why: string): void {
    for (const oldest of this.#places.keys()) {
      if (!isFull()) return;
      this.#giveUp(oldest, why);
    }
  }

  #giveUp(message: Arriving, why: string): void {
    this.end(message);
    message.giveUp(why);
  }

  #resume(): void {
    const [oldest] = this.#places.keys();
    for (const [message, place] of this.#places) {
      if (message !== oldest && this.#bytes > this.#bounds.bytes / 2) return;
      if (!place.paused) continue;
      place.paused = false;
      place.grew = this.#now();
      this.#waiting--;
      this.#take(place, -place.reserved);
      place.reserved = 0;
      message.resume();
    }
  }

  /** A clock that stands still while this process is held up. */
  #now(): number {
    return performance.now() - this.#heldUp;
  }

  #watch(): void {
    if (this.#timer) return;
    const due = performance.now() + this.#bounds.stall;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#heldUp += Math.max(0, performance.now() - due);
      this.#look();
      if (this.#places.size > 0) this.#watch();
    }, this.#bounds.stall).unref();
  }

  #look(): void {
    const now = this.#now();
    for (const [message, { began, grew, paused, bytes }] of [...this.#places]) {
      if (now - began > this.#bounds.patience)
        this.#giveUp(message, `the message was not complete after ${this.#bounds.patience} ms`);
      else if (this.#waiting > 0 && !paused && bytes > 0 && now - grew > this.#bounds.stall)
        this.#giveUp(message, 'the message stood still while others waited for room');
    }
  }
}
