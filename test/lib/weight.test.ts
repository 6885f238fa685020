import test from 'ava';
import { parseJws } from '../../src/core/token/jws.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { weightOf } from '../../src/lib/weight.ts';
import { heapInUse } from '../support/heap.ts';

let number = 0;
const named = (text: string) => text.replaceAll('#', () => (number++).toString(36));

/** Bytes of heap that each of many values takes, with names of its own where the text has `#`. */
function heapOf(text: string, count: number): number {
  const made = () => Buffer.from(named(text));
  const texts = Array.from({ length: count }, made);
  const held: unknown[] = new Array(count);
  JSON.parse(made().toString());
  const before = heapInUse();
  for (let at = 0; at < count; at++) held[at] = JSON.parse(texts[at]?.toString() ?? '');
  const taken = heapInUse() - before;
  return held.length === count ? taken / count : 0;
}

const filled = (item: string, open = '{"a":[', close = ']}', length = 12_000) => {
  const count = Math.floor((length - open.length) / (item.length + 1));
  return open + Array.from({ length: count }, () => item).join() + close;
};
const nested = (open: string, inner: string, close: string) => open.repeat(28) + inner + close.repeat(28);

const shapes: Record<string, string> = {
  'empty lists': filled('[]'),
  'empty objects': filled('{}'),
  'lists of one': filled('[0]'),
  'deep lists': filled(nested('[', '', ']')),
  'deep objects': filled(nested('{"a":', '0', '}')),
  'objects with a name of their own': filled('{"#":0}'),
  'objects with three': filled('{"#":0,"#":0,"#":0}'),
  'one object of names': filled('"n#":0', '{', '}'),
  'names that are small numbers': filled('{"9":0}'),
  'names that are numbers, the worst one': filled('{"33":0}'),
  'names that are large numbers': filled('{"500":0}'),
  'whole numbers': filled('0'),
  fractions: filled('1.5'),
  'fractions among texts': filled('1.5,""'),
  'short texts': filled('"#"'),
  'one text': `{"a":"${'a'.repeat(12_000)}"}`,
  'one text that is not Latin': `{"a":"${'a'.repeat(12_000)}\u20ac"}`,
  'the claims of an ordinary token': JSON.stringify({
    iss: 'https://login.example.com/realms/corp',
    sub: 'user-#',
    aud: ['orders', 'account'],
    exp: 1_790_000_000,
    scope: 'orders.read orders.write',
    cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' },
    realm_access: { roles: ['a', 'offline_access'] },
  }),
};

for (const [name, text] of Object.entries(shapes))
  test.serial(`weight – ${name}: no less than the heap takes`, (t) => {
    const heap = heapOf(text, text.length < 1_000 ? 2_000 : 100);
    const weight = weightOf(JSON.parse(named(text)));
    t.true(weight >= heap, `${weight} counted, ${Math.round(heap)} taken, of ${text.length} characters`);
    // Unusual lists and objects may be counted as larger than they are.
    t.true(heap > 200 && weight < 12 * heap, `${weight} counted, ${Math.round(heap)} taken`);
  });

test('weight – bytes count, and texts of certificates', (t) => {
  t.true(weightOf({ der: Buffer.alloc(3_000) }) > 3_000);
  t.true(weightOf('a'.repeat(3_000)) > 3_000);
});

test('weight – counts no further than it is asked to', (t) => {
  const bomb = Array.from({ length: 100_000 }, () => ({ a: [{}] }));
  t.true(weightOf(bomb, 1_000) < 900_000);
  t.true(weightOf(bomb, 1_000) > 1_000);
});

test('weight – what is nested too deeply weighs more than anything, and costs no stack', (t) => {
  let deep: unknown = [];
  for (let n = 0; n < 100_000; n++) deep = n % 2 ? [deep] : { deep };
  t.is(weightOf(deep), Number.POSITIVE_INFINITY);
});

const part = (text: string) => Buffer.from(text).toString('base64url');
const jws = (payload: string) => parseJws(`${part('{"alg":"ES256"}')}.${part(payload)}.AAAA`);

for (const name of ['empty lists', 'deep lists', 'names that are numbers, the worst one', 'empty objects'])
  test(`weight – a token of ${name} is refused before it is held`, (t) => {
    const read = jws(shapes[name] ?? '');
    t.true(read instanceof Malformed);
    t.regex((read as Malformed).why, /would take more than 131072 bytes of memory/);
  });

/** As many of an item as fit into a segment that is not weighed. */
const short = (item: (n: number) => string, open: string, close: string) => {
  let text = open + item(0);
  for (let n = 1; text.length + item(n).length + 1 + close.length <= 1_536; n++) text += `,${item(n)}`;
  return text + close;
};
const heaviest: Record<string, string> = {
  'names that are numbers': short((n) => `"${n}":0`, '{', '}'),
  'objects with a number': short(() => '{"1":0}', '{"a":[', ']}'),
  'deep objects with numbers': short(() => nested('{"1":', '0', '}'), '{"a":[', ']}'),
  'deep objects in names that are numbers': short((n) => `"${n}":{"1":{"2":{"3":0}}}`, '{', '}'),
  'empty objects': short(() => '{}', '{"a":[', ']}'),
};
for (const [name, payload] of Object.entries(heaviest))
  test(`weight – a short token of ${name}, which is not weighed, takes no more than a long one may`, (t) => {
    t.false(jws(payload) instanceof Malformed);
    t.true(part(payload).length > 1_700 && part(payload).length <= 2_048);
    t.true(weightOf(JSON.parse(payload)) <= 131_072);
  });

test('weight – a token that is a little longer is weighed', (t) => {
  const payload = filled(nested('{"1":', '0', '}'), '{"a":[', ']}', 1_720);
  t.true(part(payload).length > 2_048 && part(payload).length < 2_400);
  const read = jws(payload);
  t.true(read instanceof Malformed);
  t.regex((read as Malformed).why, /would take more than 131072 bytes of memory/);
});

test('weight – a short token that is nested too deeply is refused', (t) => {
  const read = jws(`{"a":${'['.repeat(60)}${']'.repeat(60)}}`);
  t.true(read instanceof Malformed);
  t.regex((read as Malformed).why, /nested deeper than 32/);
});

const clients = Array.from({ length: 130 }, (_, n) => [
  `client-of-application-${n}`,
  { roles: ['reader', `w${n}`] },
]);
const honest: Record<string, string> = {
  'with 200 groups': JSON.stringify({
    groups: Array.from({ length: 200 }, (_, n) => `${n}`.padStart(36, 'g')),
  }),
  'with 2,000 short groups': JSON.stringify({ groups: Array.from({ length: 2_000 }, (_, n) => `g${n}`) }),
  'with roles of 130 clients (Keycloak)': JSON.stringify({ resource_access: Object.fromEntries(clients) }),
  'with 1,500 scopes': JSON.stringify({ scope: Array.from({ length: 1_500 }, (_, n) => `s${n}`).join(' ') }),
};
for (const [name, payload] of Object.entries(honest))
  test(`weight – a normal token ${name} is read`, (t) => {
    const read = jws(payload);
    t.false(read instanceof Malformed, read instanceof Malformed ? read.why : '');
  });
