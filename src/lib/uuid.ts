import { randomFillSync } from 'node:crypto';

/** How many are made at once: a call for random bytes costs more than the rest of an ID. */
const atOnce = 128;
const idBytes = 16;
const idLength = 36;

const digits = Buffer.from('0123456789abcdef');
const dash = 0x2d;
/** Where each byte is written. A dash stands in each gap. */
const columns = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

const random = Buffer.alloc(atOnce * idBytes);
const written = Buffer.alloc(atOnce * idLength, dash);
let block = '';
let at = 0;

/**
 * A random UUID (version 4, RFC 9562 §5.4), from the same source as `crypto.randomUUID`, which makes garbage
 * of 700 bytes. It is a slice of a text of 128 IDs, which stays in memory with it: copy what outlives the
 * check.
 */
export function randomId(): string {
  if (at === block.length) {
    block = makeBlock();
    at = 0;
  }
  const id = block.slice(at, at + idLength);
  at += idLength;
  return id;
}

function makeBlock(): string {
  randomFillSync(random);
  for (let id = 0; id < atOnce; id++) {
    const from = id * idBytes;
    // Version and variant.
    random[from + 6] = ((random[from + 6] as number) & 0x0f) | 0x40;
    random[from + 8] = ((random[from + 8] as number) & 0x3f) | 0x80;
    for (let n = 0; n < idBytes; n++) {
      const byte = random[from + n] as number;
      const to = id * idLength + (columns[n] as number);
      written[to] = digits[byte >> 4] as number;
      written[to + 1] = digits[byte & 0x0f] as number;
    }
  }
  return written.toString('latin1');
}
