import { isAscii } from 'node:buffer';
import { holds, knownText } from './known-texts.ts';

/** Thrown for bytes that are not a protobuf message. */
export class BrokenMessage extends Error {}

/** Thrown for a message with more fields than are read. */
export class TooManyFields extends Error {}

/**
 * Wire types (https://protobuf.dev/programming-guides/encoding/). Groups are obsolete, and only passed over.
 */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const GROUP = 3;
const END_OF_GROUP = 4;
const FIXED32 = 5;
/** The most bytes of a varint, and of one that is a tag or a length. */
const longestVarint = 10;
const longestLength = 5;
/** The most groups in groups. */
const deepest = 100;
/**
 * The most fields of a message, with those in it. Two million fields fit into 4 MB, and take two seconds to
 * read. Envoy sends three for each header.
 */
export const mostFields = 16_384;

/**
 * Names of earlier messages, all ASCII. A name that is made anew has to be hashed to become a key of an
 * object. The first name of a place stays, so that a caller with many names costs nothing.
 */
const names = new Array<string | undefined>(256).fill(undefined);

/** A longer text is looked at by a call into C++, which costs less than a look at each byte. */
const short = 64;

/**
 * Reads a field of a message by its number, with `text`, `bytes`, `uint32` or `readNested`. A field that is
 * not read is passed over, as protobuf requires for unknown ones.
 */
export type ReadField<T> = (reader: ProtobufReader, field: number, into: T) => void;

/** @throws BrokenMessage if the bytes end too early, or are not a message. @throws TooManyFields */
export function readMessage<T>(bytes: Buffer, into: T, read: ReadField<T>): T {
  return new ProtobufReader(bytes).fields(into, read);
}

/** Reads a field that is a message. */
export function readNested<T>(reader: ProtobufReader, into: T, read: ReadField<T>): T {
  const outer = reader.enter();
  reader.fields(into, read);
  reader.leave(outer);
  return into;
}

/** Where a text is in a message. */
export interface TextPlace {
  start: number;
  end: number;
}

/** The place in a message. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  /** The wire type of the field at hand. −1 once it was read. */
  #type = -1;
  /** How many fields may still come. */
  #room = mostFields;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  fields<T>(into: T, read: ReadField<T>): T {
    while (this.#at < this.#end) {
      if (this.#room-- === 0) throw new TooManyFields();
      const tag = this.#length();
      if (tag < 8) throw new BrokenMessage('a field without a number');
      this.#type = tag & 7;
      read(this, Math.floor(tag / 8), into);
      if (this.#type < 0) continue;
      this.#skip(Math.floor(tag / 8));
      // Otherwise a message whose last field is passed over would be passed over in the message around it.
      this.#type = -1;
    }
    return into;
  }

  /** Begins a nested message, to the end of which `fields` reads. Give the result to `leave`. */
  enter(): number {
    const outer = this.#end;
    this.#end = this.#endOfBytes();
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
  }

  /** UTF-8. Other bytes become U+FFFD. */
  text(): string {
    const end = this.#endOfBytes();
    const start = this.#at;
    this.#at = end;
    return this.#bytes.toString('utf8', start, end);
  }

  /** The same for a text that comes with many messages, and is not a secret: see `knownText`. */
  known(): string {
    const end = this.#endOfBytes();
    const start = this.#at;
    this.#at = end;
    return knownText(this.#bytes, start, end);
  }

  /** A text that comes with most messages, such as the name of a header: the string of an earlier message. */
  name(): string {
    const end = this.#endOfBytes();
    const start = this.#at;
    this.#at = end;
    const length = end - start;
    if (length === 0 || length > short) return this.#bytes.toString('utf8', start, end);
    const slot = (length * 7 + (this.#bytes[start] as number) * 13 + (this.#bytes[end - 1] as number)) & 255;
    const known = names[slot];
    if (known?.length === length && holds(this.#bytes, start, known)) return known;
    const text = this.#bytes.toString('utf8', start, end);
    if (known === undefined && isAscii(this.#bytes.subarray(start, end))) names[slot] = text;
    return text;
  }

  /** Finds a text that may not be needed. Give its place to `textAt`, `knownAt` or `lengthAt`. */
  place(into: TextPlace): void {
    into.end = this.#endOfBytes();
    into.start = this.#at;
    this.#at = into.end;
  }

  textAt({ start, end }: TextPlace): string {
    return this.#bytes.toString('utf8', start, end);
  }

  /** The same text, if it is one for `known`. */
  knownAt({ start, end }: TextPlace): string {
    return knownText(this.#bytes, start, end);
  }

  /** The length of the same text, which is not made if it is ASCII. */
  lengthAt({ start, end }: TextPlace): number {
    return this.#isAscii(start, end) ? end - start : this.#bytes.toString('utf8', start, end).length;
  }

  #isAscii(start: number, end: number): boolean {
    if (end - start > short) return isAscii(this.#bytes.subarray(start, end));
    for (let at = start; at < end; at++) if ((this.#bytes[at] as number) >= 0x80) return false;
    return true;
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const end = this.#endOfBytes();
    const start = this.#at;
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  /** Higher bits of the varint are dropped, as by every reader of protobuf. */
  uint32(): number {
    this.#take(VARINT);
    return this.#varint();
  }

  /** A known field with another wire type than ours is broken. */
  #take(type: number): void {
    if (this.#type !== type) throw new BrokenMessage('a field of another type');
    this.#type = -1;
  }

  #varint(): number {
    let value = 0;
    for (let n = 0; n < longestVarint; n++) {
      const byte = this.#byte();
      if (n < longestLength) value |= (byte & 0x7f) << (7 * n);
      if (byte < 0x80) return value >>> 0;
    }
    throw new BrokenMessage('a varint of more than ten bytes');
  }

  #skip(field: number, depth = 0): void {
    const type = this.#type;
    if (type === BYTES) this.#at = this.#endOfBytes();
    else if (type === VARINT) this.#varint();
    else if (type === FIXED64) this.#pass(8);
    else if (type === FIXED32) this.#pass(4);
    else if (type === GROUP && depth < deepest) this.#skipGroup(field, depth + 1);
    else throw new BrokenMessage('a wire type that is not supported, or too many groups in groups');
  }

  #skipGroup(field: number, depth: number): void {
    for (;;) {
      const tag = this.#length();
      this.#type = tag & 7;
      if (this.#type === END_OF_GROUP && Math.floor(tag / 8) === field) return;
      this.#skip(Math.floor(tag / 8), depth);
    }
  }

  #pass(bytes: number): void {
    if (this.#at + bytes > this.#end) throw new BrokenMessage('the message ends inside a field');
    this.#at += bytes;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new BrokenMessage('the message ends inside a field');
    return this.#bytes[this.#at++] as number;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let n = 1; n < longestLength; n++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * n);
      if (byte < 0x80) return value;
    }
    throw new BrokenMessage('a tag or a length of more than five bytes');
  }

  #endOfBytes(): number {
    this.#take(BYTES);
    const length = this.#length();
    const end = this.#at + length;
    if (end > this.#end) throw new BrokenMessage('a field that is longer than its message');
    return end;
  }
}
