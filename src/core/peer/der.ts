/** One ASN.1 value. */
export interface DerNode {
  /** The two highest bits of the tag: 0 universal, 0x80 context-specific. */
  readonly tagClass: number;
  readonly type: number;
  readonly constructed: boolean;
  /** The values inside a constructed one; otherwise its bytes, one character each. */
  readonly value: string | DerNode[];
}

/** The numbers of universal types (X.680 §8.6) that a certificate holds. */
export const asn1 = {
  BOOLEAN: 1,
  INTEGER: 2,
  BIT_STRING: 3,
  OCTET_STRING: 4,
  OBJECT_IDENTIFIER: 6,
  SEQUENCE: 16,
  UTC_TIME: 23,
  GENERALIZED_TIME: 24,
} as const;

/** No certificate is nested this deeply. */
const maxDepth = 32;
/** Bytes of an object identifier. */
const maxIdentifier = 64;

/**
 * Reads DER (X.690 §10), each byte once. Lengths are definite and minimal, integers are minimal, and there
 * are no trailing bytes. BER is refused because the same certificate would have two thumbprints.
 * @throws Error if it is not DER, is nested deeper than 32 levels, or has a tag of more than one byte
 */
export function readDer(der: string): DerNode {
  const [node, end] = readNode(der, 0, der.length, maxDepth);
  if (end !== der.length) throw new Error('bytes after the value');
  return node;
}

function readNode(der: string, start: number, limit: number, depth: number): [node: DerNode, end: number] {
  if (depth === 0) throw new Error('nested too deep');
  if (start + 2 > limit) throw new Error('a missing value at the end');
  const tag = der.charCodeAt(start);
  const [length, begin] = readLength(der, start + 1, limit);
  const end = begin + length;
  const type = tag & 0x1f;
  if (end > limit || type === 0x1f) throw new Error('a length beyond the end, or a long tag');
  const constructed = (tag & 0x20) !== 0;
  const value = constructed ? readNodes(der, begin, end, depth - 1) : der.slice(begin, end);
  if (type === asn1.INTEGER && typeof value === 'string' && isPadded(value))
    throw new Error('an integer that could be shorter');
  return [{ tagClass: tag & 0xc0, type, constructed, value }, end];
}

function readNodes(der: string, begin: number, end: number, depth: number): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = begin; at < end; ) {
    const [node, next] = readNode(der, at, end, depth);
    nodes.push(node);
    at = next;
  }
  return nodes;
}

/** X.690 §8.1.3 and §10.1. Three bytes are 16 MB, more than any door accepts. */
function readLength(der: string, at: number, limit: number): [length: number, begin: number] {
  const first = der.charCodeAt(at);
  if (first < 0x80) return [first, at + 1];
  const count = first & 0x7f;
  if (count === 0 || count > 3 || at + 1 + count > limit) throw new Error('an invalid length');
  let length = 0;
  for (let n = 1; n <= count; n++) length = length * 256 + der.charCodeAt(at + n);
  if (length < (count === 1 ? 0x80 : 256 ** (count - 1))) throw new Error('a length that could be shorter');
  return [length, at + 1 + count];
}

/** X.690 §8.3.2: the first nine bits must not be all zeros or all ones. */
function isPadded(value: string): boolean {
  const [first, second] = [value.charCodeAt(0), value.charCodeAt(1)];
  return value.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
}

/**
 * Reads the content of an object identifier (X.690 §8.19) as text, such as `2.5.29.17`.
 * @throws Error if it is not in its one form, longer than 64 bytes, or has a number beyond 2⁵³
 */
export function readIdentifier(content: string): string {
  if (content.length > maxIdentifier) throw new Error('an object identifier that is too long');
  const numbers: number[] = [];
  let number = 0;
  let begins = true;
  for (let at = 0; at < content.length; at++) {
    const byte = content.charCodeAt(at);
    if (begins && byte === 0x80) throw new Error('leading zeros in a number');
    number = number * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(number)) throw new Error('a number that is too large');
    begins = byte < 0x80;
    if (!begins) continue;
    numbers.push(number);
    number = 0;
  }
  const [first, ...others] = numbers;
  if (!begins || first === undefined) throw new Error('an unfinished number');
  // The first number holds two: 40 times the first, which is at most 2, and the second (§8.19.4).
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...others].join('.');
}
