import { attribute, field, http, part, peer, varint } from '../hostile/protobuf.ts';
import type { SeededRandom } from '../support/seeded-random.ts';

/** The messages in a message that are read, by the number of their field. */
interface Nested {
  readonly [field: number]: Nested;
}

const peerMessages: Nested = { [peer.address]: { 1: {} } };
const messages: Nested = {
  1: {
    [attribute.source]: peerMessages,
    [attribute.destination]: peerMessages,
    [attribute.request]: { 2: { [http.headers]: {}, [http.headerMap]: { 1: {} } } },
    [attribute.context]: {},
  },
};

/** Fields that no version has, one of each wire type. */
const unknown: readonly Buffer[] = [
  field(500, 0, varint(2 ** 30)),
  field(501, 1, Buffer.alloc(8)),
  part(502, 'x'),
  Buffer.concat([field(503, 3), part(1, 'x'), field(503, 4)]),
  field(504, 5, Buffer.alloc(4)),
];

/** The same CheckRequest, with unknown fields at the end of it and of most messages in it. */
export function withUnknownEnds(bytes: Buffer, random: SeededRandom, nested: Nested = messages): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, begin] = readVarint(bytes, at);
    const [number, rest] = readVarint(bytes, begin);
    const inner = nested[Math.floor(tag / 8)];
    const end = tag % 8 === 2 ? rest + number : rest;
    if (inner)
      parts.push(part(Math.floor(tag / 8), withUnknownEnds(bytes.subarray(rest, end), random, inner)));
    else parts.push(bytes.subarray(at, end));
    at = end;
  }
  const end = unknown[random.integer(unknown.length + 1)];
  return Buffer.concat(end ? [...parts, end] : parts);
}

/** Texts, messages and varints are all that such a message has. */
function readVarint(bytes: Buffer, from: number): [value: number, end: number] {
  let [value, at] = [0, from];
  for (let byte = 128; byte >= 128; at++) {
    byte = bytes[at] ?? 0;
    value += (byte & 127) * 2 ** (7 * (at - from));
  }
  return [value, at];
}
