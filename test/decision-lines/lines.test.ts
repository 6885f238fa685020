import { Readable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { createLineReader, linesOf } from '../../src/decision-lines/lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function allOf(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(pieces)) lines.push(line);
  return lines;
}

test('lines – end with LF or CRLF, and the last one needs no end', async (t) => {
  const pieces = ['one\ntwo\r\n\nth', 'ree\r', '\nfour\rfive'].map(bytes);
  t.deepEqual(await allOf(Readable.from(pieces)), ['one', 'two', '', 'three', 'four\rfive']);
});

test('lines – a stream that ends with a line end has no empty last line', async (t) => {
  t.deepEqual(await allOf(Readable.from([bytes('one\n')])), ['one']);
  t.deepEqual(await allOf(Readable.from([])), []);
});

test('lines – a line that is too long is left out and counted', (t) => {
  const reader = createLineReader(8);
  t.deepEqual(reader.add(bytes('12345678\n123456789\nshort\n123456')), ['12345678', 'short']);
  t.deepEqual(reader.add(bytes('789')), []);
  t.deepEqual(reader.add(bytes('no end yet')), []);
  t.is(reader.skipped, 1);
  t.deepEqual(reader.add(bytes('\nnext\nthe very last')), ['next']);
  t.is(reader.skipped, 2);
  t.deepEqual(reader.end(), []);
  t.is(reader.skipped, 3);
  t.deepEqual(reader.end(), []);
});

test('lines – the caller may fill the memory of a piece again', (t) => {
  const reader = createLineReader();
  const piece = bytes('begun');
  reader.add(piece);
  piece.fill(0x78);
  t.deepEqual(reader.add(bytes('\n')), ['begun']);
});

test('lines – do not depend on where the stream is cut', (t) => {
  const text = fc.array(fc.constantFrom('a', 'ä', '€', '😀', '\n', '\r\n', '\r', '\u2028'), {
    maxLength: 60,
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(text, fc.array(fc.nat(9)), (parts, sizes) => {
        const whole = bytes(parts.join(''));
        const reader = createLineReader();
        const lines: string[] = [];
        let at = 0;
        for (const size of sizes) {
          lines.push(...reader.add(whole.subarray(at, at + size)));
          at += size;
        }
        lines.push(...reader.add(whole.subarray(at)), ...reader.end());
        const expected = parts.join('').split('\n');
        const last = expected.pop();
        const ended = expected.map((line) => line.replace(/\r$/, ''));
        t.deepEqual(lines, last ? [...ended, last.replace(/\r$/, '')] : ended);
      }),
    ),
  );
});

test('lines – bytes that are not UTF-8 do not end the reader', (t) => {
  const reader = createLineReader();
  t.deepEqual(reader.add(Uint8Array.of(0xff, 0xc3, 0x0a, 0x61, 0x0a)), ['\ufffd\ufffd', 'a']);
});
