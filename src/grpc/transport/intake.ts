/** A message that has begun and is not whole. */
export interface Arriving {
  /** Reads no further: flow control keeps the rest with the sender. */
  pause(): void;
  resume(): void;
  /** Is answered without being read, and counts no longer. */
  giveUp(why: string): void;
}

/** Bytes and milliseconds. */
export interface IntakeBounds {
  /** Of all messages that are not whole, of all connections together. */
  readonly bytes: number;
  /** What a sender may send before it hears that it has to wait. */
  readonly window: number;
  /** From the beginning of a call to its whole message. */
  readonly patience: number;
  /** Without another byte, while others wait for its room. */
  readonly stall: number;
}

interface Place {
  bytes: number;
  readonly began: number;
  grew: number;
  paused: boolean;
}

/**
 * Bounds what is held of messages that are not whole yet. Half of the room is for all alike; when it is taken, those that
 * grow wait, except for the oldest, until others are whole. A message that stands still while others wait, or takes too
 * long, is given up, and so is the oldest one when the room is full: a sender of halves cannot keep out whole ones.
 */
export class Intake {
  readonly #bounds: IntakeBounds;
  /** In the order in which they began. */
  readonly #places = new Map<Arriving, Place>();
  #bytes = 0;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(bounds: IntakeBounds) {
    this.#bounds = bounds;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  begin(message: Arriving): void {
    const now = performance.now();
    this.#places.set(message, { bytes: 0, began: now, grew: now, paused: false });
    this.#watch();
  }

  grow(message: Arriving, bytes: number): void {
    const place = this.#places.get(message);
    if (!place) return;
    place.grew = performance.now();
    this.#take(place, bytes);
    const [oldest] = this.#places.keys();
    if (this.#bytes > this.#bounds.bytes / 2 && message !== oldest && !place.paused) {
      place.paused = true;
      this.#waiting++;
      message.pause();
      // It may still send as much, and that is held too.
      this.#take(place, this.#bounds.window);
    }
    while (this.#bytes > this.#bounds.bytes) {
      const [first] = this.#places.keys();
      if (!first) break;
      this.#giveUp(first, 'there is no more room for messages that are not whole');
    }
  }

  /** It is whole, or nobody sends it any more. */
  end(message: Arriving): void {
    const place = this.#places.get(message);
    if (!place) return;
    this.#places.delete(message);
    this.#bytes -= place.bytes;
    if (place.paused) this.#waiting--;
    if (this.#waiting > 0) this.#resume();
  }

  #take(place: Place, bytes: number): void {
    place.bytes += bytes;
    this.#bytes += bytes;
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
      place.grew = performance.now();
      this.#waiting--;
      this.#take(place, -this.#bounds.window);
      message.resume();
    }
  }

  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
      if (this.#places.size > 0) this.#watch();
    }, this.#bounds.stall).unref();
  }

  #look(): void {
    const now = performance.now();
    for (const [message, { began, grew, paused, bytes }] of [...this.#places]) {
      if (now - began > this.#bounds.patience)
        this.#giveUp(message, `it was not whole after ${this.#bounds.patience} ms`);
      else if (this.#waiting > 0 && !paused && bytes > 0 && now - grew > this.#bounds.stall)
        this.#giveUp(message, 'it stood still while others waited for its room');
    }
  }
}
