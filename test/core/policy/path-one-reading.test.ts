import test from 'ava';
import { normalizePath } from '../../../src/core/policy/path.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const escaped = 'an escaped delimiter or control, or a doubled escape';

for (const target of [
  '/a/%25%32%65',
  '/a/%252%65',
  '/a/%25%32e',
  '/a/%25%32%65%25%32%65/admin',
  '/a%25%32%46b',
  '/a%25%35%43b',
  '/%25%36%31',
])
  test(`path – refuses ${target}, which is a doubled escape in pieces (attacks 12, path.ts: doubled escapes)`, (t) => {
    t.deepEqual(normalizePath(target), new Malformed(escaped));
  });

/** Whoever decodes reads the same path, so a rule for one must not be passed by the other: one reading, or none. */
test('path – what may stand in a path and its escape are one path, or the escape is refused (read differently)', (t) => {
  const passed = [..."!$&'()*+,=:@"].filter((character) => {
    const code = `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    const raw = normalizePath(`/v1/orders${character}delete`);
    const escaped = normalizePath(`/v1/orders${code}delete`);
    return !(raw instanceof Malformed || escaped instanceof Malformed || escaped.text === raw.text);
  });
  t.is(passed.join(''), '', 'a rule for /v1/orders:delete is passed by as /v1/orders%3Adelete');
});

const seed = 3986;
test(`path – a normal path is its own normal form, and means what its escapes mean, seed ${seed} (RFC 3986 §6.2.2)`, (t) => {
  const random = seededRandom(seed);
  const pieces = [
    '/',
    '/',
    'a',
    'B',
    '.',
    '%2e',
    '%25',
    '%32',
    '%65',
    '%41',
    '%c3%a9',
    '%20',
    '*',
    '@',
    '?',
    '%2F',
    ';',
    '%7E',
    '2',
    'e',
  ];
  const unstable: string[] = [];
  let read = 0;
  for (let n = 0; n < 20_000; n++) {
    const target = `/${Array.from({ length: random.integer(8) }, () => random.pick(pieces)).join('')}`;
    const path = normalizePath(target);
    if (path instanceof Malformed) continue;
    read++;
    const again = normalizePath(path.text);
    const before = decodeURIComponent(target.split('?')[0] as string).replace(/(?<=.)\/$/, '');
    if (again instanceof Malformed || again.text !== path.text || decodeURIComponent(path.text) !== before)
      unstable.push(target);
  }
  t.deepEqual(unstable, []);
  t.true(read > 4_000 && read < 19_000, `${read} of 20,000 were read`);
});

test('path – each character that NFKC makes a delimiter of is refused, and dots where a segment is nothing else', (t) => {
  for (let code = 0x80; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    const normal = character.normalize('NFKC');
    if (normal === character) continue;
    const isDelimiter = /[/\\;?#%]/.test(normal);
    const isDots = /^\.+$/.test(normal);
    // Most of Unicode is none of these; what is asked of every character has to be quick.
    if (!isDelimiter && !isDots) continue;
    const escaped = encodeURIComponent(character);
    for (const path of [`/a${escaped}b`, `/${escaped}`, `/a/${escaped}/b`, `/.${escaped}`])
      t.is(
        normalizePath(path) instanceof Malformed,
        isDelimiter || !path.startsWith('/a%'),
        `${code.toString(16)} in ${path}`,
      );
  }
});

test('path – characters that NFKC makes no delimiter of are not refused for it: a sample of all', (t) => {
  for (let code = 0x80; code < 0x20000; code += 7) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    if (/[/\\;?#%.]/.test(character.normalize('NFKC')) || [0x2044, 0x2215].includes(code)) continue;
    if (normalizePath(`/${encodeURIComponent(character)}`) instanceof Malformed) t.fail(code.toString(16));
  }
  t.pass();
});
