/** Bytes that are reserved first. Most messages come in one piece, and this is for the others. */
const smallest = 256;

/**
 * Collects the pieces of a message that is not whole yet. They are copied: a piece of one byte takes 170 bytes
 * as an object of its own, and it keeps all of the packet that it came in. So a sender of tiny pieces could
 * take many times what is counted. Takes at most twice the bytes that were added, and copies each of them
 * twice on average.
 */
export class Pieces {
  #bytes: Buffer = Buffer.alloc(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(piece: Uint8Array): void {
    const size = this.#size + piece.length;
    if (size > this.#bytes.length) {
      // Not from the pool of Node, which small buffers would keep.
      const larger = Buffer.allocUnsafeSlow(Math.max(smallest, size, 2 * this.#size));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#size);
    this.#size = size;
  }

  /** What was added, as a part of the same memory. */
  joined(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }
}
