/**
 * HTTP/2 frames written by hand (RFC 9113 §4.1), because no library sends what these tests have to send. Header blocks are
 * literals without an index and without Huffman (RFC 7541 §6.2.2).
 */
export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8 } as const;

/** SETTINGS that matter here (RFC 9113 §6.5.2). */
export const settingIds = { maxConcurrentStreams: 3, initialWindowSize: 4, maxFrameSize: 5 } as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** @param length what the frame says of its payload, where that is a lie. */
export function frame(
  type: number,
  flag: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flag, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

export function settings(entries: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value >>> 0, index * 6 + 2);
  }
  return frame(types.settings, 0, 0, payload);
}

export const ping = (): Buffer => frame(types.ping, 0, 0, Buffer.alloc(8));

export function reset(stream: number, code = 8): Buffer {
  return frame(types.rst, 0, stream, word(code));
}

export function window(stream: number, by: number): Buffer {
  return frame(types.window, 0, stream, word(by));
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** An integer with a prefix of 7 bits (RFC 7541 §5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** One header field. */
export function field(name: string, value: string): Buffer {
  const [key, text] = [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')];
  return Buffer.concat([Buffer.from([0]), integer(key.length), key, integer(text.length), text]);
}

export function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => field(name, value)));
}

/** A request, without its body. */
export function request(
  stream: number,
  fields: readonly (readonly [string, string])[],
  flag: number = flags.endHeaders,
): Buffer {
  return frame(types.headers, flag, stream, block(fields));
}

export interface Frame {
  readonly type: number;
  readonly flag: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Takes frames out of what was received; what is not whole yet is given back. */
export function framesOf(received: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (received.length - at >= 9) {
    const length = received.readUIntBE(at, 3);
    if (received.length - at < 9 + length) break;
    frames.push({
      type: received.readUInt8(at + 3),
      flag: received.readUInt8(at + 4),
      stream: received.readUInt32BE(at + 5) & 0x7fffffff,
      payload: received.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return { frames, rest: received.subarray(at) };
}
