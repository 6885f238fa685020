import {
  block,
  field,
  flags,
  frame,
  ping,
  preface,
  request,
  reset,
  settings,
  types,
  window,
  word,
} from './frames.ts';

/** A row of bytes that is no proper HTTP/2, and whether RFC 9113 wants the connection ended for it. */
export interface Malformed {
  readonly name: string;
  readonly bytes: Buffer;
  readonly ends: boolean;
}

const { data, headers, priority, rst, push, goaway, continuation } = types;
const { endHeaders, endStream, padded, ack } = flags;
const start = Buffer.concat([preface, settings()]);
const after = (...frames: Buffer[]) => Buffer.concat([start, ...frames]);
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const good = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/envoy.service.auth.v3.Authorization/Check'],
  [':authority', 'a'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
] as const;
const opened = request(1, good);
/** A setting by number and value. */
const setting = (id: number, value: number) => settings([[id, value]]);
/** HEADERS with this as its header block. */
const compressed = (...bytes: number[]) => frame(headers, endHeaders, 1, Buffer.from(bytes));

const connectionErrors: Record<string, Buffer> = {
  'another preface': latin1('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'),
  'HTTP/0.9': latin1('GET /\r\n'),
  'no SETTINGS first': Buffer.concat([preface, opened]),
  'a ping first': Buffer.concat([preface, ping()]),
  'an even stream': after(request(2, good)),
  'HEADERS on stream 0': after(request(0, good)),
  'DATA on stream 0': after(frame(data, 0, 0, Buffer.alloc(8))),
  'DATA on an idle stream': after(frame(data, 0, 7, Buffer.alloc(8))),
  'RST_STREAM on an idle stream': after(reset(9)),
  'RST_STREAM of 3 bytes': after(opened, frame(rst, 0, 1, Buffer.alloc(3))),
  'a window of 0 for the connection': after(window(0, 0)),
  'a window that overflows': after(window(0, 0x7fffffff), window(0, 0x7fffffff)),
  'WINDOW_UPDATE of 5 bytes': after(frame(types.window, 0, 0, Buffer.alloc(5))),
  'PUSH_PROMISE of a client': after(
    opened,
    frame(push, endHeaders, 1, Buffer.concat([word(2), block(good)])),
  ),
  'SETTINGS of 5 bytes': after(frame(types.settings, 0, 0, Buffer.alloc(5))),
  'SETTINGS on a stream': after(frame(types.settings, 0, 1, Buffer.alloc(6))),
  'an ack with settings': after(frame(types.settings, ack, 0, Buffer.alloc(6))),
  'ENABLE_PUSH of 2': after(setting(2, 2)),
  'a window size of 2^31': after(setting(4, 2 ** 31)),
  'a frame size of 1': after(setting(5, 1)),
  'a ping of 7 bytes': after(frame(types.ping, 0, 0, Buffer.alloc(7))),
  'a ping on a stream': after(frame(types.ping, 0, 1, Buffer.alloc(8))),
  'GOAWAY on a stream': after(frame(goaway, 0, 1, Buffer.alloc(8))),
  'GOAWAY of 3 bytes': after(frame(goaway, 0, 0, Buffer.alloc(3))),
  'a frame of 16 MB': after(frame(data, 0, 1, Buffer.alloc(100), 0xffffff)),
  'more padding than frame': after(
    frame(headers, endHeaders | padded, 1, Buffer.concat([Buffer.from([255]), block(good)])),
  ),
  'CONTINUATION of nothing': after(frame(continuation, endHeaders, 1, block(good))),
  'DATA within a header block': after(request(1, good, 0), frame(data, 0, 1, Buffer.alloc(1))),
  'another stream within a header block': after(request(1, good, 0), request(3, good)),
  'index 0': after(compressed(0x80)),
  'an index beyond the table': after(compressed(0xff, 0xff, 0xff, 0x0f)),
  'an integer without end': after(compressed(...Array(40).fill(0xff))),
  'a table of 2^28': after(compressed(0x3f, 0xe1, 0xff, 0xff, 0x7f)),
  'Huffman that ends in nothing': after(compressed(0x00, 0x81, 0x00, 0x81, 0x00)),
  'a name longer than the block': after(compressed(0x00, 0x7f, 0xff, 0xff, 0x03, 0x61)),
};

const wrong = (...fields: (readonly [string, string])[]) =>
  after(request(1, [...good, ...fields], endHeaders | endStream));
/** Wrong for one stream at the most; others live on. */
const streamErrors: Record<string, Buffer> = {
  // RFC 9113 §5.1.1 wants the connection ended; nghttp2 takes the stream for one that is closed already.
  'a stream below an earlier one': after(request(5, good), request(3, good)),
  'upper case': wrong(['X-A', 'b']),
  'NUL in a name': wrong(['x-\0a', 'b']),
  'CR and LF in a value': wrong(['x-a', 'b\r\nx-b: c']),
  'no pseudo-headers': after(request(1, [['a', 'b']], endHeaders | endStream)),
  'a pseudo-header twice': wrong([':path', '/x']),
  'an unknown pseudo-header': wrong([':x', 'y']),
  'connection: close': wrong(['connection', 'close']),
  'te: gzip': wrong(['te', 'gzip']),
  'two lengths': wrong(['content-length', '1'], ['content-length', '2']),
  'a length that is no number': wrong(['content-length', 'x']),
  'an empty path': after(
    request(
      1,
      [
        [':method', 'POST'],
        [':scheme', 'http'],
        [':path', ''],
      ],
      endHeaders | endStream,
    ),
  ),
  'a negative timeout': wrong(['grpc-timeout', '-1S']),
  'a timeout of a hundred digits': wrong(['grpc-timeout', `${'9'.repeat(100)}S`]),
  'metadata that is no base64': wrong(['x-bin', '!!!!']),
  'an encoding that nobody has': wrong(['grpc-encoding', 'constructor']),
  'a content type of its own': after(
    request(1, [...good.slice(0, 4), ['content-type', '\xff']], endHeaders | endStream),
  ),
  'a window of 0 for a stream': after(opened, window(1, 0)),
  'a stream that waits for itself': after(
    opened,
    frame(priority, 0, 1, Buffer.concat([word(1), Buffer.from([0])])),
  ),
  'DATA after the end': after(request(1, good, endHeaders | endStream), frame(data, 0, 1, Buffer.alloc(9))),
  'a frame of an unknown type': after(frame(0xee, 0xff, 3, Buffer.alloc(50))),
  'an unknown setting': after(setting(0xeeee, 1)),
  'a name of 10,000 characters': wrong(['x'.repeat(10_000), 'y']),
  'a value of 60,000 characters': after(
    request(1, good, 0),
    ...Array.from({ length: 4 }, (_, n) =>
      frame(continuation, n === 3 ? endHeaders : 0, 1, field(`x-${n}`, 'y'.repeat(15_000))),
    ),
  ),
};

/** A ClientHello, as far as its first bytes, and what else comes to a wrong port. */
const strangers: Record<string, Buffer> = {
  'a TLS handshake': Buffer.concat([
    Buffer.from('16030102000100 01fc0303'.replaceAll(' ', ''), 'hex'),
    Buffer.alloc(508, 7),
  ]),
  'an SSH greeting': latin1('SSH-2.0-OpenSSH_9.6\r\n'),
  'a PROXY header': latin1('PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\n\r\n'),
  noise: Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 7919) & 0xff)),
};

const rows = (of: Record<string, Buffer>, ends: boolean) =>
  Object.entries(of).map(([name, bytes]): Malformed => ({ name, bytes, ends }));

export const malformed: readonly Malformed[] = [
  ...rows(connectionErrors, true),
  ...rows(streamErrors, false),
];
export const notHttp: readonly Malformed[] = rows(strangers, true);
