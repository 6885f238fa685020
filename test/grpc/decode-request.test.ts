import test from 'ava';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { BrokenMessage, mostFields, TooManyFields } from '../../src/grpc/protobuf-reader.ts';
import { checkMethod } from '../../tools/protocol.ts';
import { checkRequest, entry, field, http, httpRequest, part, peer, varint } from '../hostile/protobuf.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { withUnknownEnds } from './unknown-ends.ts';

const random = seededRandom(12);
const text = () => random.text(random.integer(8) === 0 ? 300 : 12);
const maybe = <T>(make: () => T): T | undefined => (random.integer(3) > 0 ? make() : undefined);
const texts = () => Object.fromEntries(Array.from({ length: random.integer(6) }, () => [text(), text()]));

function randomPeer() {
  return {
    address: maybe(() => ({ socketAddress: { address: text(), portValue: random.integer(65_536) } })),
    service: maybe(text),
    labels: maybe(texts),
    principal: maybe(text),
    certificate: maybe(text),
  };
}

/** With all fields that Envoy fills, also those that are not read. */
function randomRequest(): object {
  const rawHeader = () => ({ key: text(), value: maybe(text), rawValue: maybe(() => Buffer.from(text())) });
  return {
    attributes: {
      source: maybe(randomPeer),
      destination: maybe(randomPeer),
      request: maybe(() => ({
        time: { seconds: random.integer(1e9), nanos: random.integer(1e9) },
        http: maybe(() => ({
          ...{ id: text(), method: maybe(text), headers: maybe(texts), path: maybe(text), host: maybe(text) },
          ...{ scheme: text(), query: maybe(text), size: random.integer(1e9), protocol: text() },
          body: maybe(text),
          rawBody: maybe(() => Buffer.from(text())),
          headerMap: maybe(() => ({ headers: Array.from({ length: random.integer(5) }, rawHeader) })),
        })),
      })),
      contextExtensions: maybe(texts),
      tlsSession: maybe(() => ({ sni: text() })),
    },
  };
}

/** The fields that are read, of a message that the generated decoder made. Empty values count as missing. */
function readPart({ attributes }: CheckRequest) {
  const peerPart = (one: NonNullable<typeof attributes>['source']) => [
    one?.principal ?? '',
    one?.certificate ?? '',
    one?.address?.socketAddress?.address ?? '',
    one?.address?.socketAddress?.portValue ?? 0,
  ];
  const request = attributes?.request?.http;
  return {
    source: peerPart(attributes?.source),
    destination: peerPart(attributes?.destination),
    context: { ...attributes?.contextExtensions },
    request: request && {
      texts: [request.method, request.path, request.host, request.body].map((value) => value ?? ''),
      headers: { ...request.headers },
      rawBody: Buffer.from(request.rawBody ?? []).toString('hex'),
      headerMap: (request.headerMap?.headers ?? []).map(
        ({ key = '', value = '', rawValue = Buffer.alloc(0) }) => [
          key,
          value,
          Buffer.from(rawValue).toString('hex'),
        ],
      ),
    },
  };
}

function decoded(decode: (bytes: Buffer) => CheckRequest, bytes: Buffer) {
  try {
    return readPart(decode(bytes));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

test('decoded check – thousands of random messages: the fields of the generated decoder', (t) => {
  for (let n = 0; n < 1_000; n++) {
    const bytes = checkMethod.requestSerialize(randomRequest() as CheckRequest);
    t.deepEqual(readPart(decodeCheckRequest(bytes)), readPart(checkMethod.requestDeserialize(bytes)));
  }
});

test('decoded check – unknown fields at the end of messages: those of the generated decoder', (t) => {
  for (let n = 0; n < 1_000; n++) {
    const plain = checkMethod.requestSerialize(randomRequest() as CheckRequest);
    const bytes = withUnknownEnds(plain, random);
    const theirs = readPart(checkMethod.requestDeserialize(bytes));
    t.deepEqual(readPart(decodeCheckRequest(bytes)), theirs, bytes.toString('hex'));
    t.deepEqual(theirs, readPart(checkMethod.requestDeserialize(plain)));
  }
});

test('decoded check – damaged messages: refused, or the fields of the generated decoder', (t) => {
  let refused = 0;
  let same = 0;
  for (let n = 0; n < 6_000; n++) {
    const bytes = Buffer.from(checkMethod.requestSerialize(randomRequest() as CheckRequest));
    for (let flips = random.integer(4); flips >= 0 && bytes.length > 0; flips--)
      bytes[random.integer(bytes.length)] = random.integer(256);
    const cutOff = random.integer(4) === 0 ? bytes.subarray(0, random.integer(bytes.length + 1)) : bytes;
    const ours = decoded(decodeCheckRequest, cutOff);
    const theirs = decoded(checkMethod.requestDeserialize, cutOff);
    if (ours instanceof Error) {
      if (!(ours instanceof BrokenMessage)) t.fail(ours.stack);
      refused++;
    } else if (!(theirs instanceof Error)) {
      t.deepEqual(ours, theirs, cutOff.toString('hex'));
      same++;
    }
  }
  t.true(refused > 300 && same > 300, `${refused} refused, ${same} the same`);
});

const twice = httpRequest(part(http.path, '/a'), part(http.path, '/b'), entry(http.headers, 'x', '1'));
const long = 'é'.repeat(70_000);

/** Messages that a library would not write, and what has to be read. */
const accepted: [string, Buffer, (request: ReturnType<typeof readPart>) => unknown, unknown][] = [
  ['an empty message', Buffer.alloc(0), ({ request }) => request, undefined],
  ['a repeated field: the last one', checkRequest(twice), ({ request }) => request?.texts[1], '/b'],
  [
    'a repeated name of a header: the last one',
    checkRequest(httpRequest(entry(http.headers, 'x', '1'), entry(http.headers, 'x', '2'))),
    ({ request }) => request?.headers.x,
    '2',
  ],
  [
    'unknown fields of each wire type',
    checkRequest(
      field(500, 0, varint(2 ** 40)),
      field(501, 1, Buffer.alloc(8)),
      part(502, 'x'),
      field(503, 5, Buffer.alloc(4)),
      field(504, 3),
      part(1, 'x'),
      field(1, 3),
      field(1, 4),
      field(504, 4),
      twice,
    ),
    ({ request }) => request?.texts[1],
    '/b',
  ],
  [
    'a header that is called __proto__',
    checkRequest(httpRequest(entry(http.headers, '__proto__', 'x'))),
    ({ request }) => Object.getOwnPropertyNames(request?.headers),
    ['__proto__'],
  ],
  [
    'a long text',
    checkRequest(part(1, part(peer.principal, Buffer.from(long)))),
    ({ source }) => source[0],
    long,
  ],
  [
    'bytes that are not UTF-8',
    checkRequest(httpRequest(part(http.path, '/\xff'))),
    ({ request }) => request?.texts[1],
    '/\ufffd',
  ],
];
for (const [title, bytes, read, expected] of accepted)
  test(`decoded check – ${title}`, (t) => {
    t.deepEqual(read(readPart(decodeCheckRequest(bytes))), expected);
  });

const broken: [string, Buffer][] = [
  ['the field 0', field(0, 2, varint(0))],
  ['a group without an end', field(9, 3)],
  ['a group with the end of another one', Buffer.concat([field(9, 3), field(8, 4)])],
  ['101 groups in groups', Buffer.concat([Buffer.alloc(101, field(9, 3)), Buffer.alloc(101, field(9, 4))])],
  ['the end of a group', field(9, 4)],
  ['the wire type 7', field(9, 7)],
  ['a length beyond the end', Buffer.concat([field(1, 2), varint(5), Buffer.alloc(4)])],
  [
    'a nested length beyond its message',
    checkRequest(Buffer.concat([field(1, 2), varint(9)]), part(9, 'filler bytes')),
  ],
  ['a length of 2^34', Buffer.concat([field(1, 2), varint(2 ** 34)])],
  ['a length of six bytes', Buffer.concat([field(1, 2), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x01])])],
  ['a varint of eleven bytes', Buffer.concat([field(9, 0), Buffer.alloc(10, 0x80), Buffer.from([1])])],
  ['a varint without an end', Buffer.concat([field(9, 0), Buffer.from([0x80])])],
  ['a fixed number that is too short', Buffer.concat([field(9, 1), Buffer.alloc(7)])],
  ['a path that is a number', checkRequest(httpRequest(field(http.path, 0, varint(7))))],
  ['a message that is a number', field(1, 0, varint(7))],
  ['a message that is the number 0, which could be a length', field(1, 0, varint(0))],
  [
    'a path that is a number, which could be the length of what follows',
    checkRequest(httpRequest(field(http.path, 0, varint(2)), field(9, 0, varint(7)))),
  ],
];
for (const [title, bytes] of broken)
  test(`decoded check – ${title}: refused`, (t) => {
    t.throws(() => decodeCheckRequest(bytes), { instanceOf: BrokenMessage });
  });

test('decoding – a message with more fields than a proxy sends is read no further', (t) => {
  // Three fields around them.
  const withMaps = (count: number) =>
    checkRequest(httpRequest(Buffer.alloc(2 * count, part(http.headerMap))));
  t.deepEqual(decodeCheckRequest(withMaps(mostFields - 3)).attributes?.request?.http?.headerMap, {
    headers: [],
  });
  t.throws(() => decodeCheckRequest(withMaps(mostFields - 2)), { instanceOf: TooManyFields });
});
