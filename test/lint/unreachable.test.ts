import test from 'ava';
import fc from 'fast-check';
import { RouteIndex, type Sought } from '../../src/core/policy/route-index.ts';
import { atOnce } from '../../src/lib/in-turns.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { lintOf, rulesOf } from './world.ts';

const unreachable = (rules: string, more = ''): readonly Finding[] =>
  lintOf({ rules, more }).filter(({ check }) => check === 'unreachable-rule');

const id = (path: string) => `"spiffe://cluster.local/${path}"`;
const tcp = (more: string) => `{protocol: tcp, ${more}}`;

/** The match of earlier rules, that of the last one, and which of the earlier rules cover it. */
for (const [title, before, last, covering] of [
  ['a path below **', ['paths: ["/a/**"]'], 'paths: [/a/b, "/a/*/c"]', 'a0'],
  ['a path that ** and * share', ['paths: ["/a/*"]'], 'paths: ["/a/**"]', undefined],
  ['every path', ['{}'], 'paths: [/a], hosts: [b.example], methods: [GET]', 'a0'],
  ['a host below **', ['hosts: ["**.example.com"]'], 'hosts: ["*.a.example.com"]', 'a0'],
  ['a host with a port', ['hosts: ["**"]'], 'hosts: ["a.example:80"]', undefined],
  ['every host, also with a port', ['hosts: ["**"]'], 'paths: [/a]', undefined],
  ['a method of several', ['methods: [GET, POST]'], 'methods: [POST]', 'a0'],
  ['a method too many', ['methods: [GET]'], 'methods: [GET, POST]', undefined],
  ['every method', ['methods: [GET]'], 'paths: [/a]', undefined],
  ['a port', ['ports: [80, 81]'], 'ports: [81], paths: [/a]', 'a0'],
  ['an unknown port', ['ports: [80]'], 'paths: [/a]', undefined],
  ['a context with more names', ['context: {a: b}'], 'context: {a: b, c: d}', 'a0'],
  ['a context with another value', ['context: {a: b}'], 'context: {a: c}', undefined],
  ['a context with fewer names', ['context: {a: b, c: d}'], 'context: {a: b}', undefined],
  ['a destination', [`destinations: [${id('ns/*/sa/x')}]`], `destinations: [${id('ns/a/sa/x')}]`, 'a0'],
  ['an unknown destination', [`destinations: [${id('**')}]`], 'paths: [/a]', undefined],
  ['two methods, one each', ['methods: [GET]', 'methods: [PUT]'], 'methods: [PUT, GET]', 'a1, a0'],
  ['two paths, one each', ['paths: [/a]', 'paths: [/b]'], 'paths: [/a, /b]', 'a0, a1'],
  [
    'all combinations but one',
    ['paths: [/a]', 'methods: [GET]'],
    'paths: [/a, /b], methods: [GET, PUT]',
    undefined,
  ],
  ['a path that two patterns of one rule cover', ['paths: [/a, "/a/*/**"]'], 'paths: ["/a/**"]', 'a0'],
  ['a rule between that covers nothing', ['paths: ["/a/*"]', 'paths: ["/a/**"]'], 'paths: ["/a/*/**"]', 'a1'],
] as const)
  test(`unreachable – ${title} is ${covering ? `covered by ${covering}` : 'not covered'}`, (t) => {
    const rules = [...before, last].map((match, at) => `{name: a${at}, match: {${match.replace('{}', '')}}}`);
    const found = unreachable(rules.join(', '));
    t.deepEqual(
      found.map(({ key }) => key),
      covering ? [`rules[${before.length}].name`] : [],
    );
    if (covering) t.true(found[0]?.message.includes(` ${covering} stand`), found[0]?.message);
  });

test('unreachable – settings of hosts and paths change what a rule covers', (t) => {
  const anyHost = '{name: a, match: {hosts: ["**"]}}, {name: b, match: {paths: [/a]}}';
  t.is(unreachable(anyHost, 'hosts: {ignorePort: true, ignoreTrailingDot: true}').length, 1);
  const twoCases = '{name: a, match: {paths: [/A]}}, {name: b, match: {paths: [/a]}}';
  t.is(unreachable(twoCases).length, 0);
  t.is(unreachable(twoCases, 'paths: {ignoreCase: true}').length, 1);
  const slash = '{name: a, match: {paths: ["/a/*"]}}, {name: b, match: {paths: [/a/b/]}}';
  t.is(unreachable(slash).length, 1);
  t.is(unreachable(slash, 'paths: {ignoreTrailingSlash: false}').length, 0);
});

test('unreachable – connections and requests are separate', (t) => {
  const rules = (first: string, second: string) =>
    `{name: a, public: true, match: ${first}}, {name: b, public: true, match: ${second}}`;
  t.is(unreachable(rules(tcp(''), '{paths: [/a]}')).length, 0);
  t.is(unreachable(rules('{}', tcp('ports: [7]'))).length, 0);
  t.is(unreachable(rules(tcp('ports: [7, 8]'), tcp('ports: [8]'))).length, 1);
  t.is(unreachable(rules(tcp('ports: [8]'), tcp('ports: [7, 8]'))).length, 0);
});

test('unreachable – a rule under rules covers one of a workload', (t) => {
  const more = `workloads: {w: {destinations: [${id('ns/a/sa/b')}], rules: [{name: x, match: {paths: [/a]}}]}}`;
  const [found] = unreachable('{name: all}', more);
  t.is(found?.key, 'workloads.w.rules[0].name');
  t.regex(found?.message ?? '', /the rule all stands before it/);
});

const some = (list: readonly string[]) => fc.subarray([...list], { maxLength: 2 });
const segment = fc.constantFrom('a', 'b', '*', '**');
const patterns = fc
  .array(fc.array(segment, { minLength: 1, maxLength: 3 }), { maxLength: 2 })
  .map((list) => list.map((one) => one.filter((part, at) => part !== '**' || one[at + 1] !== '**')));
const randomMatch = fc.record({
  hosts: patterns.map((list) => list.map((labels) => labels.join('.'))),
  paths: patterns.map((list) => list.map((segments) => `/${segments.join('/')}`)),
  methods: some(['GET', 'PUT']),
  ports: fc.subarray([1, 2], { maxLength: 1 }),
  context: fc.constantFrom({}, {}, { x: 'y' }),
});

/** All lists of one to three segments, and some that are longer. `c` stands for what no rule names. */
const lists: string[][] = [['a'], ['b'], ['c']];
for (const list of lists) if (list.length < 3) for (const part of 'abc') lists.push([...list, part]);
const far = [...lists, ['c', 'c', 'c', 'c', 'c', 'c'], ['a', 'c', 'c', 'c', 'c', 'b']];

const requests: readonly Sought[] = far.flatMap((labels) =>
  [[], ...far].flatMap((path) =>
    ['GET', 'PUT', 'HEAD'].flatMap((method) =>
      [1, 3].map((port) => ({
        destination: undefined,
        port,
        host: { labels, tail: '' },
        method,
        path,
        context: (labels.length + path.length) % 2 === 0 ? { x: 'y' } : {},
      })),
    ),
  ),
);

test('unreachable – the router never finds a rule that is said to be unreachable', (t) => {
  let said = 0;
  fc.assert(
    fc.property(fc.array(randomMatch, { minLength: 2, maxLength: 6 }), (matches) => {
      const rules = matches.map((match, at) => JSON.stringify({ name: `r${at}`, match }));
      const names = new Set(unreachable(rules.join(', ')).map(({ key }) => `r${/\d+/.exec(key)}`));
      said += names.size;
      if (names.size === 0) return;
      const index = atOnce(RouteIndex.make(rulesOf({ rules: rules.join(', ') })));
      for (const request of requests) t.false(names.has(index.find(request)?.name ?? ''));
    }),
    { numRuns: 60 },
  );
  t.true(said > 10, `${said}`);
});
