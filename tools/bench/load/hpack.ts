/** The little of HPACK (RFC 7541) that a client needs that always sends the same head and reads one field. */

const staticNames: Readonly<Record<string, number>> = {
  ':authority': 1,
  ':method': 2,
  ':path': 4,
  ':scheme': 6,
  'content-type': 31,
  'user-agent': 58,
};
const staticFields: Readonly<Record<string, number>> = { ':method: POST': 3, ':scheme: http': 6 };
const staticEntries = 61;

export interface HeaderBlocks {
  /** Puts the fields into the table of the server. */
  readonly first: Buffer;
  /** Refers to the table, as every later request of a proxy does. */
  readonly later: Buffer;
}

/** The header blocks of requests that all have the same fields. */
export function headerBlocks(fields: Readonly<Record<string, string>>): HeaderBlocks {
  const list = Object.entries(fields);
  const own = list.filter(([name, value]) => !staticFields[`${name}: ${value}`]);
  const block = (write: (name: string, value: string) => readonly number[]) =>
    Buffer.from(
      list.flatMap(([name, value]) => {
        const index = staticFields[`${name}: ${value}`];
        return index ? integer(0x80, 7, index) : write(name, value);
      }),
    );
  return {
    first: block((name, value) => {
      const index = staticNames[name];
      return [...(index ? integer(0x40, 6, index) : [0x40, ...text(name)]), ...text(value)];
    }),
    later: block((name) => {
      const at = own.findIndex(([other]) => other === name);
      return integer(0x80, 7, staticEntries + own.length - at);
    }),
  };
}

function integer(pattern: number, bits: number, value: number): readonly number[] {
  const most = 2 ** bits - 1;
  if (value < most) return [pattern | value];
  const bytes = [pattern | most];
  let rest = value - most;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

function text(value: string): readonly number[] {
  return [...integer(0, 7, value.length), ...Buffer.from(value, 'latin1')];
}

/** `grpc-status` in the Huffman code of RFC 7541, Appendix B, and as it is. */
const statusNames = [Buffer.from('9acac8b21234da8f', 'hex'), Buffer.from('grpc-status', 'latin1')];
const zero = 0x30; // one character is never shorter in the Huffman code

/** What an entry of the table is. Entries that are too old to be named are kept: they cost one byte each. */
const other = 0;
const status = 1;
const statusZero = 2;

/** Follows the table of a server, and says of each header block whether it has `grpc-status: 0`. */
export class StatusReader {
  readonly #entries: number[] = [];
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @throws RangeError if the block is not whole */
  hasStatusZero(block: Buffer): boolean {
    [this.#block, this.#at] = [block, 0];
    let found = false;
    while (this.#at < block.length) found = this.#field(block[this.#at] as number) === statusZero || found;
    return found;
  }

  #field(first: number): number {
    if (first >= 0x80) return this.#entry(this.#integer(0x7f));
    if (first < 0x20) return this.#literal(0x0f);
    if (first >= 0x40) {
      const field = this.#literal(0x3f);
      this.#entries.push(field);
      return field;
    }
    this.#integer(0x1f); // the size of the table
    return other;
  }

  #entry(index: number): number {
    if (index <= staticEntries) return other;
    const entry = this.#entries[this.#entries.length - (index - staticEntries)];
    if (entry === undefined) throw new RangeError(`there is no entry ${index}`);
    return entry;
  }

  #literal(mask: number): number {
    const index = this.#integer(mask);
    const name = index === 0 ? this.#text() : undefined;
    const isStatus = name ? statusNames.some((known) => known.equals(name)) : this.#entry(index) !== other;
    const value = this.#text();
    if (!isStatus) return other;
    return value.length === 1 && value[0] === zero ? statusZero : status;
  }

  #text(): Buffer {
    const length = this.#integer(0x7f);
    this.#at += length;
    if (this.#at > this.#block.length) throw new RangeError('a header block ends too early');
    return this.#block.subarray(this.#at - length, this.#at);
  }

  #integer(mask: number): number {
    let value = (this.#block[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#block[this.#at++] ?? 0;
      value += (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError('an integer of a header block is too long');
  }
}
