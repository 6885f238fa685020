import { deflateSync, inflateSync } from 'node:zlib';
import test from 'ava';
import { withPalette } from '../../tools/pictures/palette-png.ts';

interface Chunk {
  readonly type: string;
  readonly body: Buffer;
}

function png(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.map(({ type, body }) => {
    const part = Buffer.alloc(body.length + 12);
    part.writeUInt32BE(body.length, 0);
    part.write(type, 4, 'latin1');
    body.copy(part, 8);
    return part;
  });
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

function chunksOf(file: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12)
    chunks.push({
      type: file.toString('latin1', at + 4, at + 8),
      body: file.subarray(at + 8, at + 8 + file.readUInt32BE(at)),
    });
  return chunks;
}

/** The lines of a picture of RGB, each after the number of its filter. */
function picture(width: number, lines: readonly (readonly number[])[], depth = 8): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(lines.length, 4);
  head.set([depth, 2, 0, 0, 0], 8);
  return png([
    { type: 'IHDR', body: head },
    { type: 'IDAT', body: deflateSync(Buffer.from(lines.flat())) },
    { type: 'IEND', body: Buffer.alloc(0) },
  ]);
}

/** The colours of the pixels, line by line. */
function colorsOf(file: Buffer): string[][] {
  const found = Object.fromEntries(chunksOf(file).map(({ type, body }) => [type, body]));
  const { IHDR: head, PLTE: palette, IDAT: data } = found as Record<string, Buffer>;
  const width = head!.readUInt32BE(0);
  const lines = inflateSync(data!);
  const color = (index: number) => palette!.toString('hex', index * 3, index * 3 + 3);
  return Array.from({ length: head!.readUInt32BE(4) }, (_, y) =>
    Array.from({ length: width }, (_, x) => color(lines[y * (width + 1) + 1 + x]!)),
  );
}

test('pictures – each filter of PNG is undone', (t) => {
  const lines = [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 1, 2, 3, 4, 5, 6],
    [2, 1, 1, 1, 255, 255, 255],
    [3, 1, 1, 1, 1, 1, 1],
    [4, 1, 1, 1, 1, 1, 1],
  ];
  t.deepEqual(colorsOf(withPalette(picture(2, lines))), [
    ['0a141e', '28323c'],
    ['010203', '050709'],
    ['020304', '040608'],
    ['020203', '040506'],
    ['030304', '050607'],
  ]);
});

test('pictures – the most frequent colours stay, and each other becomes the nearest of them', (t) => {
  const grey = (value: number) => [value, value, value];
  const frequent = Array.from({ length: 256 }, (_, value) => [0, ...grey(value), ...grey(value)]);
  const seldom = [0, ...grey(100), 200, 201, 203];
  const colors = colorsOf(withPalette(picture(2, [...frequent, seldom])));
  t.deepEqual(colors.at(-1), ['646464', 'c9c9c9']);
  t.is(new Set(colors.flat()).size, 256);
});

test('pictures – another kind of PNG is refused', (t) => {
  t.throws(() => withPalette(Buffer.from('no picture')), { instanceOf: TypeError });
  t.throws(() => withPalette(picture(1, [[0, 1, 2, 3]], 16)), { instanceOf: TypeError });
});
