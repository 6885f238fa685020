import test from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { longestHead } from '../../src/core/presented-size.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { BrokenMessage } from '../../src/grpc/protobuf-reader.ts';
import { unreadHeaders } from '../../src/grpc/unread-headers.ts';
import { checkRequest, entry, field, http, httpRequest, part, varint } from '../hostile/protobuf.ts';
import { seededRandom } from '../support/seeded-random.ts';

const random = seededRandom(8);
const unread = unreadHeaders(() => false);
const names = [...unread.keys()];

test('unread headers – each has a bit of its own', (t) => {
  let bits = 0;
  for (const bit of unread.values()) {
    t.not(bit, 0);
    t.is(bits & bit, 0);
    bits |= bit;
  }
});

test('unread headers – a spelling of a managed header is none of them', (t) => {
  for (const preset of Object.values(presets))
    for (const name of names) t.false(Object.hasOwn(preset, name.replace(/[^a-z0-9]/g, '-')), name);
});

/** An entry of the map as a caller may write it: parts that are missing, repeated, or in the other order. */
function randomEntry(): Buffer {
  const name = () =>
    random.pick([...names, ...names, 'authorization', 'x-tenant', 'Accept', 'accept_encoding', '']);
  const value = () => {
    const kind = random.integer(40);
    if (kind === 0) return 'x'.repeat(random.integer(longestHead));
    if (kind === 1) return '\xe9\xff'.repeat(random.integer(2_000));
    if (kind === 2) return Buffer.from('é😀'.repeat(random.integer(20_000)));
    return kind < 20 ? random.text(9) : Buffer.from(random.text(90));
  };
  const parts = random.pick([
    () => [part(1, name()), part(2, value())],
    () => [part(1, name()), part(2, value())],
    () => [part(2, value()), part(1, name())],
    () => [part(1, name()), part(2, value()), part(1, name()), part(2, value())],
    () => [part(2, value()), part(1, name()), part(2, value()), part(9, 'x')],
    () => [part(1, name())],
    () => [part(2, value())],
    () => [],
  ]);
  return part(http.headers, ...parts());
}

test('unread headers – thousands of random requests: the same size, and all other headers', (t) => {
  const seen = { tooLarge: 0, passedOver: 0, repeated: 0 };
  for (let n = 0; n < 3_000; n++) {
    const count = random.integer(60) === 0 ? 400 + random.integer(300) : random.integer(14);
    const headers = Array.from({ length: count }, (_, at) =>
      count > 300 ? entry(http.headers, `x-${at}`, '1') : randomEntry(),
    );
    const many = count > 300 ? names.map((name) => entry(http.headers, name, '1')) : [];
    const bytes = checkRequest(httpRequest(part(http.path, '/a'), ...headers, ...many));
    const all = evidenceOf(decodeCheckRequest(bytes));
    const fewer = decodeCheckRequest(bytes, unread);
    const shown = evidenceOf(fewer);
    t.deepEqual(shown.flaw?.reason, all.flaw?.reason, bytes.toString('hex').slice(0, 2_000));
    const passedOver = fewer.attributes?.request?.http?.passedOver;
    const expected = Object.entries(all.request?.headers ?? {}).filter(
      ([name]) => !passedOver || !unread.has(name),
    );
    t.deepEqual(Object.entries(shown.request?.headers ?? {}), expected);
    if (all.flaw) seen.tooLarge++;
    if (passedOver) seen.passedOver++;
    else if (Object.keys(all.request?.headers ?? {}).some((name) => unread.has(name))) seen.repeated++;
  }
  t.true(seen.tooLarge > 40 && seen.passedOver > 500 && seen.repeated > 100, JSON.stringify(seen));
});

const limit = longestHead - '/a'.length - 'accept'.length;
const sizes: [string, string | Buffer, string | undefined][] = [
  ['as many ASCII characters as may come', 'x'.repeat(limit), undefined],
  ['one more', 'x'.repeat(limit + 1), 'request_too_large'],
  ['more bytes, but not more characters', Buffer.from('é'.repeat(limit)), undefined],
  ['as many bytes that are not UTF-8', '\xff'.repeat(limit), undefined],
  ['one more that is not UTF-8', '\xff'.repeat(limit + 1), 'request_too_large'],
];
for (const [title, value, reason] of sizes)
  test(`unread headers – ${title}: ${reason ?? 'accepted'}`, (t) => {
    const header = part(http.headers, part(1, 'accept'), part(2, value));
    const bytes = checkRequest(httpRequest(part(http.path, '/a'), header));
    t.is(evidenceOf(decodeCheckRequest(bytes, unread)).flaw?.reason, reason as 'request_too_large');
  });

test('unread headers – a name that comes twice counts once, with its last value', (t) => {
  const long = entry(http.headers, 'accept', 'x'.repeat(limit + 1));
  const short = entry(http.headers, 'accept', 'x');
  const flawOf = (...headers: Buffer[]) =>
    evidenceOf(decodeCheckRequest(checkRequest(httpRequest(part(http.path, '/a'), ...headers)), unread)).flaw;
  t.is(flawOf(long, short), undefined);
  t.is(flawOf(short, long)?.reason, 'request_too_large');
});

test('unread headers – a value that is a number is refused', (t) => {
  const header = part(http.headers, part(1, 'accept'), field(2, 0, varint(7)));
  t.throws(() => decodeCheckRequest(checkRequest(httpRequest(header)), unread), {
    instanceOf: BrokenMessage,
  });
});

test('unread headers – the next message is decoded as its own door wants it', (t) => {
  const bytes = checkRequest(httpRequest(entry(http.headers, 'accept', 'a')));
  decodeCheckRequest(bytes, unread);
  t.deepEqual({ ...decodeCheckRequest(bytes).attributes?.request?.http?.headers }, { accept: 'a' });
});
