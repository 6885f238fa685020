import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import forge from 'node-forge';
import { readDer, readIdentifier } from '../../../src/core/peer/der.ts';
import { mutatedDer } from '../../hostile/fuzz/mutate-der.ts';

const recorded = new X509Certificate(
  readFileSync(new URL('../../fixtures/spire/orders.pem', import.meta.url)),
).raw;

/** What node-forge reads, and writes again byte for byte. */
function readByForge(der: string): unknown {
  const node = forge.asn1.fromDer(der, {
    strict: true,
    parseAllBytes: true,
    decodeBitStrings: false,
  } as never);
  if (forge.asn1.toDer(node).getBytes() !== der) throw new Error('not DER');
  return JSON.parse(JSON.stringify(node, ['tagClass', 'type', 'constructed', 'value']));
}

const or = (read: () => unknown): unknown => {
  try {
    return read();
  } catch {
    return 'refused';
  }
};

/** Deliberate differences, each stricter: tags of more than one byte, and values nested deeper than 32. */
function isStricter(der: Buffer): boolean {
  return der.some((byte) => (byte & 0x1f) === 0x1f);
}

test('DER – what is read is what node-forge reads, and it refuses the same', (t) => {
  let [read, refused] = [0, 0];
  fc.assert(
    fc.property(fc.oneof(mutatedDer(fc.constant(recorded), 3), fc.uint8Array({ maxLength: 12 })), (bytes) => {
      const der = Buffer.from(bytes);
      const text = der.toString('latin1');
      const [ours, theirs] = [or(() => readDer(text)), or(() => readByForge(text))];
      if (ours === 'refused' && isStricter(der)) return;
      t.deepEqual(ours, theirs, der.toString('hex'));
      if (ours === 'refused') refused++;
      else read++;
    }),
    { numRuns: 3_000, seed: 4711 },
  );
  t.true(read > 50 && refused > 50, `${read} read, ${refused} refused`);
});

test('DER – an object identifier is what node-forge reads', (t) => {
  const number = fc.oneof(fc.nat(200), fc.nat());
  fc.assert(
    fc.property(fc.nat(2), fc.nat(39), fc.array(number, { maxLength: 6 }), (first, second, others) => {
      const text = [first, second, ...others].join('.');
      const content = forge.asn1.oidToDer(text).getBytes();
      t.is(readIdentifier(content), forge.asn1.derToOid(content));
      t.is(readIdentifier(content), text);
    }),
    { numRuns: 2_000, seed: 4711 },
  );
  t.is(readIdentifier('\x88\x37'), '2.999');
});

for (const [what, content] of [
  ['no number', ''],
  ['leading zeros', '\x2a\x80\x01'],
  ['an unfinished number', '\x2a\x86'],
  ['a number beyond 2⁵³', `\x2a${'\xff'.repeat(8)}\x7f`],
  ['more than 64 bytes', '\x2a'.repeat(65)],
] as const)
  test(`DER – an object identifier with ${what} is refused`, (t) => {
    t.throws(() => readIdentifier(content));
  });

for (const [what, hex] of [
  ['an indefinite length', '30800000'],
  ['a length that could be shorter', '308103020101'],
  ['a length of four bytes', '3084000000030201' + '01'],
  ['bytes behind the value', '02010100'],
  ['a value that is cut off', '020201'],
  ['an integer that could be shorter', '02020001'],
  ['a long tag', '1f810101' + '00'],
  ['nothing', ''],
] as const)
  test(`DER – refused: ${what}`, (t) => {
    t.throws(() => readDer(Buffer.from(hex, 'hex').toString('latin1')));
  });

test('DER – 31 values in each other are read, thousands are refused', (t) => {
  const nested = (depth: number) => {
    let der: Buffer = Buffer.alloc(0);
    for (let n = 0; n < depth; n++)
      der = Buffer.concat([Buffer.from([0x30, 0x82, der.length >> 8, der.length & 0xff]), der]);
    return der;
  };
  const short = (depth: number) =>
    Array.from({ length: depth }).reduce<Buffer>(
      (der) => Buffer.concat([Buffer.from([0x30, der.length]), der]),
      Buffer.alloc(0),
    );
  t.notThrows(() => readDer(short(31).toString('latin1')));
  t.throws(() => readDer(nested(4_000).toString('latin1')), { message: /./ });
});
