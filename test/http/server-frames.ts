/** Frames of HTTP/2 as they are on the wire (RFC 9113 §4.1), for what no well-behaved client says. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const settings = frame(4, 0, 0);
export const reset = (stream: number): Buffer => frame(3, 0, stream, Buffer.from([0, 0, 0, 8]));

const [endStream, endHeaders] = [1, 4];

/** A request, by default without a body. Names and values of less than 127 bytes each, literally. */
export function headers(
  stream: number,
  lines: readonly (readonly [string, string])[],
  flags = endStream | endHeaders,
): Buffer {
  const block = lines.flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);
  return frame(1, flags, stream, Buffer.concat(block));
}

export const get = (stream: number): Buffer =>
  headers(stream, [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', `/${stream}`],
    [':authority', 'a'],
  ]);

/** A request whose body is still to come. */
export const post = (stream: number, path: string): Buffer =>
  headers(
    stream,
    [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'a'],
    ],
    endHeaders,
  );
