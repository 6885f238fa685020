/** For each operation of the language: conditions and facts, within what the doors let through, that make it slow. */
import type { FactsText } from './conditions.ts';

export interface Probe {
  /** What it is about: names of functions and methods, operators as cel-js calls them. */
  readonly of: readonly string[];
  readonly source: string;
  readonly about: FactsText;
}

/** Of all headers together. */
const mostOfHeaders = 60 * 1024;
/** Of the claims: a token of 16 KiB, of which the signature is a part, in base64. */
const mostOfClaims = 12_000;

/** `body` many times; it must not be true. */
const times = (count: number, body: string) => `[${Array(count).fill('1').join(',')}].exists(i, ${body})`;

/** The same characters, stored in two bytes each. */
const wide = (text: string) => `${text}\u{1F600}`.slice(0, text.length);
const headers = (a: string, b = '') => ({ headers: { 'x-a': a, ...(b === '' ? {} : { 'x-b': b }) } });
const one = "request.headers['x-a']";
const other = "request.headers['x-b']";

const half = mostOfHeaders / 2;
const letters = headers('a'.repeat(mostOfHeaders));
const same = headers('a'.repeat(half), wide('a'.repeat(half)));
const spaces = headers(' '.repeat(mostOfHeaders));
const digits = headers('9'.repeat(mostOfHeaders));
const needle = (length: number) => {
  const side = 'a'.repeat(Math.floor((length - 1) / 2));
  return headers('a'.repeat(mostOfHeaders - length), `${side}b${side}`);
};

/** As many of an element as fit into a token. */
const many = <T>(element: T): T[] =>
  Array(Math.floor(mostOfClaims / (JSON.stringify(element).length + 1))).fill(element);
const deep = (inside: unknown) => [[[[inside]]]];
const both = (value: unknown) => {
  const part = Array.isArray(value) ? value.slice(0, value.length / 2) : value;
  return { claims: { a: part, b: structuredClone(part) } };
};
const only = (a: unknown) => ({ claims: { a } });
const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));

const isTime = (name: string): Probe => ({
  of: [name],
  source: times(200, `request.time.${name}() == -1`),
  about: {},
});

export const probes: readonly Probe[] = [
  // Two texts, equal to the end, as differences are found at once.
  { of: ['!=', '[]'], source: times(100, `${one} != ${other}`), about: same },
  { of: ['=='], source: times(100, `!(${one} == ${other})`), about: same },
  { of: ['=='], source: times(100, 'claims.a == claims.b + claims.a'), about: both('a'.repeat(5_000)) },
  ...['<', '<=', '>', '>='].map((op) => ({
    of: [op],
    source: times(100, `!(${one} ${op} '${'a'.repeat(3_000)}') && false`),
    about: headers(wide('a'.repeat(3_000))),
  })),
  { of: ['startsWith'], source: times(100, `!${one}.startsWith(${other})`), about: same },
  { of: ['endsWith', '!_'], source: times(100, `!${one}.endsWith(${other})`), about: same },
  // A search that starts again and again.
  ...[1, 3, 7, 15, 61, 199, 201, 251, 401, 4_001, half - 1].map((length) => ({
    of: ['contains'],
    source: times(5, `${one}.contains(${other})`),
    about: needle(length),
  })),
  { of: ['contains'], source: times(5, `${one}.contains(${one} + 'b')`), about: letters },
  {
    of: ['contains'],
    source: times(5, `(${one} + ${one}).contains(${one} + 'b' + ${one})`),
    about: headers('a'.repeat(30_000)),
  },
  {
    of: ['contains', 'exists'],
    source: `claims.a.exists(x, ${one}.contains(x))`,
    about: { ...needle(301), claims: { a: Array(20).fill(`${'a'.repeat(300)}b`) } },
  },
  // Texts that only the condition makes long.
  { of: ['+', 'size'], source: times(5, `size(${Array(20).fill(one).join(' + ')}) == 0`), about: letters },
  { of: ['+'], source: times(5, `${Array(20).fill(one).join(' + ')} == 'a'`), about: letters },
  {
    of: ['+', 'startsWith'],
    source: times(5, `(${Array(9).fill(one).join(' + ')}).startsWith(${Array(10).fill(one).join(' + ')})`),
    about: letters,
  },
  { of: ['+'], source: times(20, '(claims.a + claims.a + claims.a).size() == 1'), about: only(many(1)) },
  { of: ['size'], source: times(20, `${one}.size() == 0`), about: headers('é'.repeat(mostOfHeaders)) },
  { of: ['size'], source: times(20, `size(${one}) == 0`), about: headers(wide('a'.repeat(mostOfHeaders))) },
  { of: ['size'], source: times(200, 'size(claims.a) == 0 || claims.b.size() == 0'), about: both(many(1)) },
  // What cannot be converted, and is as long as it can be.
  ...[letters, spaces, digits].flatMap((about) =>
    ['int', 'double', 'bool'].map((name) => ({
      of: [name],
      source: times(100, `string(${name}(${one})) == ''`),
      about,
    })),
  ),
  { of: ['double'], source: times(100, 'double(claims.a) == 0.0'), about: only('9'.repeat(64)) },
  { of: ['int'], source: times(100, 'int(claims.a) == 0'), about: only('9'.repeat(18)) },
  { of: ['string'], source: times(100, `string(${one}) == '${'a'.repeat(100)}'`), about: letters },
  { of: ['string'], source: times(100, "string(claims.a) == ''"), about: only(-Number.MAX_VALUE / 3) },
  { of: ['timestamp'], source: times(50, `timestamp(int(${one})) > request.time`), about: digits },
  {
    of: ['timestamp', 'duration', '-', '<'],
    source: times(50, "request.time - timestamp(int(claims.a)) < duration('1h1m1s1ms')"),
    about: only(0),
  },
  {
    of: ['timestamp', '+'],
    source: times(50, "timestamp('2026-01-01T00:00:00.123+01:00') + duration('1h') > request.time"),
    about: {},
  },
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth'].map(isTime),
  ...['getDayOfWeek', 'getHours', 'getMinutes', 'getSeconds'].map(isTime),
  // Values with many parts.
  ...[many(1), many([]), many('a'), many({}), many(deep(1)), many(deep('a')), members(600)].flatMap(
    (value) => [
      { of: ['!='], source: times(20, 'claims.a != claims.b'), about: both(value) },
      { of: ['in'], source: times(20, '!(claims.a in [claims.b])'), about: both(value) },
      { of: ['list', '!='], source: times(20, '[claims.a] != [claims.b]'), about: both(value) },
    ],
  ),
  { of: ['in'], source: times(100, '2 in claims.a'), about: only(many(1)) },
  { of: ['in'], source: times(100, "'b' in claims.a"), about: only(many('a')) },
  { of: ['in'], source: times(20, '[2] in claims.a'), about: only(many([1])) },
  {
    of: ['in'],
    source: times(20, 'claims.b in claims.a'),
    about: { claims: { a: many({ k: 1 }), b: { k: 2 } } },
  },
  {
    of: ['in'],
    source: times(100, `'${'a'.repeat(99)}b' in token.scopes`),
    about: { token: { scopes: many('a'.repeat(100)) } },
  },
  { of: ['in'], source: times(50, `${one} in claims`), about: { ...letters, claims: members(600) } },
  { of: ['in'], source: times(50, `(${one} + 'b') in request.headers`), about: letters },
  // Loops.
  ...['exists', 'exists_one', 'all', 'filter'].flatMap((name) => {
    const size = name === 'filter' ? '.size() == 0' : '';
    return [
      { of: [name], source: `claims.a.${name}(x, x == 'b')${size}`, about: only(many('a')) },
      {
        of: [name],
        source: `claims.a.exists(x, claims.b.${name}(y, x == y)${size} && false)`,
        about: { claims: { a: Array(400).fill('a'), b: Array(400).fill('b') } },
      },
      {
        of: [name],
        source: `claims.exists(x, claims.${name}(y, x == y)${size} && false)`,
        about: { claims: members(150) },
      },
    ];
  }),
  { of: ['all'], source: 'claims.a.all(x, x == 1)', about: only(many(1)) },
  { of: ['filter'], source: 'claims.a.filter(x, true).filter(x, true).size() == 1', about: only(many(1)) },
  {
    of: ['exists'],
    source: `request.headers.exists(n, request.headers[n] == 'b')`,
    about: { headers: Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`x-${n}`, 'a'])) },
  },
  // What fails, each time.
  { of: ['.'], source: 'claims.a.exists(x, x.y == 1)', about: only(many(1).slice(0, 900)) },
  { of: ['.'], source: times(100, 'claims.b == 1'), about: {} },
  { of: ['[]'], source: times(100, `claims[${one}] == 1`), about: letters },
  { of: ['[]'], source: times(100, `request.headers[${one}] == 'a'`), about: letters },
  { of: ['[]'], source: times(20, `claims[${Array(9).fill(one).join(' + ')}] == 1`), about: letters },
  { of: ['[]'], source: times(100, 'claims.a[99999] == 1'), about: only(many(1)) },
  { of: ['[]'], source: times(100, 'claims.a[0] == 2'), about: only(many(1)) },
  ...[
    'claims.a + 1 == 1',
    'claims.a - 1 == 1',
    'claims.a * 2 == 1',
    'claims.a / 2 == 1',
    'claims.a % 2 == 1',
  ].map((body) => ({ of: [body.split(' ')[1] ?? ''], source: times(100, body), about: only(many(deep(1))) })),
  ...[
    'int(claims.a) + 1',
    'int(claims.a) - 2',
    'int(claims.a) * 2',
    'int(claims.a) / 2',
    'int(claims.a) % 2',
  ].map((body) => ({ of: [], source: times(100, `${body} == 77`), about: only('9223372036854775807') })),
  { of: ['-_'], source: times(200, '-1 == 1'), about: {} },
  { of: ['!_'], source: times(100, '!claims.a'), about: only(many(deep(1))) },
  { of: ['&&'], source: times(100, 'claims.a && claims.b'), about: both(many(deep(1))) },
  { of: ['||'], source: times(100, 'claims.a || claims.b'), about: both(many(deep(1))) },
  { of: ['?:'], source: times(100, 'claims.a ? true : false'), about: only(many(deep(1))) },
  { of: ['has'], source: times(200, 'has(claims.b)'), about: {} },
  { of: ['has'], source: times(100, 'has(claims.b.c)'), about: {} },
  ...['startsWith', 'endsWith', 'contains'].map((name) => ({
    of: [name],
    source: `claims.a.exists(x, x.${name}('b'))`,
    about: only(many(1).slice(0, 900)),
  })),
];

/** What is copied before a condition is evaluated, and so before its cost is known. */
export const wholeFacts: Readonly<Record<string, Pick<Probe, 'source' | 'about'>>> = {
  'a claim of numbers': { source: 'claims.a == 1', about: only(many(1)) },
  'a claim of texts': { source: 'claims.a == 1', about: only(many('a')) },
  'a claim of lists': { source: 'claims.a == 1', about: only(many([])) },
  'a claim of maps': { source: 'claims.a == 1', about: only(many({})) },
  'a claim of lists in lists': { source: 'claims.a == 1', about: only(many([[[]]])) },
  'a claim of maps in maps': { source: 'claims.a == 1', about: only(many({ a: { a: { a: 1 } } })) },
  'a claim that is a large map': { source: 'claims.a == 1', about: only(members(1_200)) },
  'all claims': { source: "claims.exists(n, n == 'a')", about: { claims: members(1_200) } },
  'all headers': {
    source: "request.headers.exists(n, n == 'a')",
    about: {
      headers: Object.fromEntries(Array.from({ length: 6_000 }, (_, n) => [`h${n}`, 'abc'])),
    },
  },
  'long scopes': { source: "'a' in token.scopes", about: { token: { scopes: many('a') } } },
  'the longest host': { source: "request.host == 'a'", about: { host: 'a.'.repeat(127) } },
};
