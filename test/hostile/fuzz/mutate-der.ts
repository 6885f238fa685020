import fc from 'fast-check';

/** A DER element taken apart; what holds others, in an OCTET STRING too, has them as `parts`. */
interface Node {
  tag: number;
  /** What is left where it holds no other elements. */
  content: Buffer;
  parts: Node[] | undefined;
  /** How the length is written; undefined as DER has it. */
  form?: LengthForm;
}

type LengthForm = 'long' | 'longer' | 'indefinite' | 'one less' | 'one more' | 'huge';

const octetString = 0x04;
const bitString = 0x03;

function parse(bytes: Buffer): Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f) return undefined;
    const size = first < 0x80 ? 0 : first & 0x7f;
    if (size > 4 || at + 2 + size > bytes.length) return undefined;
    const length = size === 0 ? first : bytes.readUIntBE(at + 2, size);
    const start = at + 2 + size;
    if (start + length > bytes.length) return undefined;
    const content = bytes.subarray(start, start + length);
    const inner = (tag & 0x20) !== 0 || (tag === octetString && length > 2) ? parse(content) : undefined;
    nodes.push({ tag, content, parts: inner?.length ? inner : undefined });
    at = start + length;
  }
  return nodes;
}

function write({ tag, content, parts, form }: Node): Buffer {
  const body = parts ? Buffer.concat(parts.map(write)) : content;
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length, form), body, ...end(form)]);
}

const end = (form: LengthForm | undefined) => (form === 'indefinite' ? [Buffer.alloc(2)] : []);

function lengthOf(length: number, form: LengthForm | undefined): Buffer {
  const big = Buffer.alloc(4);
  big.writeUInt32BE(length);
  switch (form) {
    case 'indefinite':
      return Buffer.from([0x80]);
    case 'long':
      return Buffer.concat([Buffer.from([0x82]), big.subarray(2)]);
    case 'longer':
      return Buffer.concat([Buffer.from([0x88, 0, 0, 0, 0]), big]);
    case 'huge':
      return Buffer.from([0x84, 0xff, 0xff, 0xff, 0xff]);
    case 'one less':
      return lengthOf(Math.max(0, length - 1), undefined);
    case 'one more':
      return lengthOf(length + 1, undefined);
    default:
      if (length < 0x80) return Buffer.from([length]);
      return length < 0x100
        ? Buffer.from([0x81, length])
        : Buffer.concat([Buffer.from([0x82]), big.subarray(2)]);
  }
}

interface Spot {
  readonly list: Node[];
  readonly index: number;
}

function spots(list: Node[]): Spot[] {
  return list.flatMap((node, index) => [{ list, index }, ...(node.parts ? spots(node.parts) : [])]);
}

const copy = (node: Node): Node => ({ ...node, parts: node.parts?.map(copy) });

type Edit = (spot: Spot) => void;
const forms: LengthForm[] = ['long', 'longer', 'indefinite', 'one less', 'one more', 'huge'];
/** Contents that are read: truth values, small and large numbers, times, names, key usages, object identifiers. */
const contents = [
  '',
  '00',
  '01',
  'ff',
  '80',
  '0000',
  '0001',
  '00ff',
  'ffff',
  '0780',
  '0106',
  '7f',
  '0080',
  '8000',
  '7fffffff',
  '00ffffffff',
  '551d11',
  '551d13',
  '551d0f',
  '551d1e',
  '551d25',
  '2b06010505070302',
  '2a864886f70d010105',
  Buffer.from('991231235959Z').toString('hex'),
  Buffer.from('99991231235959Z').toString('hex'),
  Buffer.from('20300115').toString('hex'),
  Buffer.from('300230235959Z').toString('hex'),
  Buffer.from('00000000000000Z').toString('hex'),
  Buffer.from('spiffe://cluster.local/ns/a/sa/b').toString('hex'),
].map((hex) => Buffer.from(hex, 'hex'));
const tags = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x18, 0x24, 0x30, 0x31, 0x82, 0x86, 0xa0, 0xa3, 0xa6,
];

const edit: fc.Arbitrary<Edit> = fc.oneof(
  // The same extension twice, the same name twice, two serial numbers.
  fc.constant<Edit>(({ list, index }) => void list.splice(index, 0, copy(list[index] as Node))),
  fc.constant<Edit>(({ list, index }) => void list.splice(index, 1)),
  fc.nat(8).map<Edit>((by) => ({ list, index }) => {
    const other = (index + by) % list.length;
    [list[index], list[other]] = [list[other] as Node, list[index] as Node];
  }),
  fc.constantFrom(...forms).map<Edit>((form) => ({ list, index }) => {
    (list[index] as Node).form = form;
  }),
  fc.constantFrom(...tags).map<Edit>((tag) => ({ list, index }) => {
    (list[index] as Node).tag = tag;
  }),
  fc
    .oneof(fc.constantFrom(...contents), fc.uint8Array({ maxLength: 20 }).map(Buffer.from))
    .map<Edit>((content) => ({ list, index }) => {
      list[index] = { ...(list[index] as Node), content, parts: undefined };
    }),
  fc.tuple(fc.nat(), fc.nat(7)).map<Edit>(([at, bit]) => ({ list, index }) => {
    const node = list[index] as Node;
    const content = Buffer.from(node.parts ? write(node).subarray(2) : node.content);
    if (content.length > 0) content[at % content.length] = (content[at % content.length] ?? 0) ^ (1 << bit);
    list[index] = { ...node, content, parts: undefined };
  }),
  fc.integer({ min: 1, max: 600 }).map<Edit>((deep) => ({ list, index }) => {
    let node = list[index] as Node;
    for (let level = 0; level < deep; level++) node = { tag: 0x30, content: Buffer.alloc(0), parts: [node] };
    list[index] = node;
  }),
);

/** Certificates, and other DER, whose elements were doubled, left out, exchanged, and written in other ways. */
export function mutatedDer(base: fc.Arbitrary<Buffer>, most = 3): fc.Arbitrary<Buffer> {
  return fc
    .tuple(base, fc.array(fc.tuple(fc.nat(), edit), { minLength: 1, maxLength: most }))
    .map(([der, edits]) => {
      const nodes = parse(der) ?? [{ tag: bitString, content: der, parts: undefined }];
      for (const [at, change] of edits) {
        const all = spots(nodes);
        const spot = all[at % Math.max(1, all.length)];
        if (spot) change(spot);
      }
      return Buffer.concat(nodes.map(write));
    });
}
