import { isAscii } from 'node:buffer';

/** The most texts that are kept, and the most bytes of one. A certificate of RSA 4096 has 3 KB. */
const places = 512;
const longest = 4_096;
/** A longer text is compared by a call into C++, which costs less than a look at each byte. */
const short = 64;
/** How many bytes choose the place of a text. The places are in all parts of it, its ends included. */
const samples = 16;
/**
 * So often another text has to want a place to get it. Where more texts share a place than can stay, most of
 * them are not copied.
 */
const patience = 8;

interface Kept {
  readonly text: string;
  /** Only of a long text: its own copy. */
  readonly bytes: Buffer | undefined;
  /** How often other texts wanted its place since it came last. */
  wanted: number;
}

const kept = new Array<Kept | undefined>(places).fill(undefined);

/**
 * The text of bytes that come with many messages, such as a certificate: the string of an earlier message, if
 * all bytes are the same. Nothing is copied then, and a string that was looked up before has its hash. Keeps
 * at most 4 MiB. Only for what is **not** secret: it stays in memory.
 */
export function knownText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0 || length > longest) return bytes.toString('utf8', start, end);
  const place = placeOf(bytes, start, length);
  const known = kept[place];
  if (known !== undefined && isSame(known, bytes, start, end)) {
    known.wanted = 0;
    return known.text;
  }
  const text = bytes.toString('utf8', start, end);
  if (known !== undefined && ++known.wanted < patience) return text;
  if (isAscii(bytes.subarray(start, end)))
    kept[place] = { text, bytes: length > short ? copyOf(bytes, start, end) : undefined, wanted: 0 };
  return text;
}

function placeOf(bytes: Buffer, start: number, length: number): number {
  let sum = length;
  for (let n = 0; n < samples; n++) {
    const at = start + Math.floor((n * (length - 1)) / (samples - 1));
    sum = (Math.imul(sum, 31) + (bytes[at] as number)) | 0;
  }
  return (sum >>> 0) % places;
}

function isSame({ text, bytes: copy }: Kept, bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (text.length !== length) return false;
  if (copy) return bytes.compare(copy, 0, length, start, end) === 0;
  return holds(bytes, start, text);
}

/** Whether the characters of a short ASCII text are the bytes from `start` on. */
export function holds(bytes: Buffer, start: number, text: string): boolean {
  for (let n = 0; n < text.length; n++) if (bytes[start + n] !== text.charCodeAt(n)) return false;
  return true;
}

/** `Buffer.from` would keep a block of 64 KiB with each. */
function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
