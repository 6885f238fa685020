import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
const mostColors = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of one pixel after the other, 24 bits each. */
  readonly colors: Uint32Array;
}

/**
 * Makes a picture of a page a few times smaller: the 256 most frequent colours stay, and each other becomes the
 * nearest of them. Takes what Chromium writes: 8 bits, RGB or RGBA without interlacing. Drops transparency.
 * @throws TypeError for any other PNG
 */
export function withPalette(png: Uint8Array): Buffer {
  const pixels = decode(Buffer.from(png));
  const palette = frequentColors(pixels.colors);
  return encode(pixels, palette, nearestIn(palette));
}

function decode(png: Buffer): Pixels {
  if (!png.subarray(0, 8).equals(signature)) throw new TypeError('not a PNG');
  const data: Buffer[] = [];
  let head: Buffer | undefined;
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') head = body;
    if (type === 'IDAT') data.push(body);
    at += length + 12;
  }
  const [depth, colorType, , , interlaced] = head?.subarray(8) ?? [];
  const bytes = ({ 2: 3, 6: 4 } as Record<number, number>)[colorType ?? 0];
  if (!head || depth !== 8 || bytes === undefined || interlaced !== 0)
    throw new TypeError('a PNG of another kind than Chromium writes');
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const lines = unfiltered(inflateSync(Buffer.concat(data)), width * bytes, height, bytes);
  const colors = new Uint32Array(width * height);
  for (let index = 0; index < colors.length; index++) colors[index] = lines.readUIntBE(index * bytes, 3);
  return { width, height, colors };
}

/** Undoes the filters of PNG, section 9. */
function unfiltered(filtered: Buffer, lineLength: number, height: number, bytes: number): Buffer {
  const lines = Buffer.alloc(lineLength * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (lineLength + 1)] ?? 0;
    const start = y * lineLength;
    for (let x = 0; x < lineLength; x++) {
      const left = x < bytes ? 0 : (lines[start + x - bytes] ?? 0);
      const up = y === 0 ? 0 : (lines[start + x - lineLength] ?? 0);
      const corner = x < bytes || y === 0 ? 0 : (lines[start + x - lineLength - bytes] ?? 0);
      const expected = predictors[filter]?.(left, up, corner) ?? 0;
      lines[start + x] = (filtered[y * (lineLength + 1) + 1 + x] ?? 0) + expected;
    }
  }
  return lines;
}

type Predict = (left: number, up: number, corner: number) => number;

const predictors: readonly Predict[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, corner) => {
    const estimate = left + up - corner;
    const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
      number,
      number,
      number,
    ];
    if (toLeft <= toUp && toLeft <= toCorner) return left;
    return toUp <= toCorner ? up : corner;
  },
];

function frequentColors(colors: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  return [...counts]
    .sort(([a, often], [b, seldom]) => seldom - often || a - b)
    .slice(0, mostColors)
    .map(([color]) => color);
}

function nearestIn(palette: readonly number[]): (color: number) => number {
  const known = new Map(palette.map((color, index) => [color, index]));
  return (color) => {
    const found = known.get(color);
    if (found !== undefined) return found;
    const distances = palette.map((other) => distance(color, other));
    const nearest = distances.indexOf(Math.min(...distances));
    known.set(color, nearest);
    return nearest;
  };
}

function distance(a: number, b: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
}

function encode(
  { width, height, colors }: Pixels,
  palette: readonly number[],
  indexOf: (color: number) => number,
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 8 bits, a palette.
  head.set([8, 3, 0, 0, 0], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = indexOf(colors[y * width + x] ?? 0);
  const table = Buffer.alloc(palette.length * 3);
  for (const [index, color] of palette.entries()) table.writeUIntBE(color, index * 3, 3);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(body.length, 0);
  ends.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([ends.subarray(0, 4), typed, ends.subarray(4)]);
}
