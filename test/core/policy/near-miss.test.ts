import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { Evidence } from '../../../src/core/evidence.ts';
import { everyMiss, nearestRules } from '../../../src/core/policy/near-miss.ts';
import type { Sought } from '../../../src/core/policy/route-index.ts';
import { neighbours } from '../../../src/core/policy/route-neighbours.ts';
import { insert, node } from '../../../src/core/policy/route-trie.ts';
import { Routes } from '../../../src/core/policy/routes.ts';
import type { Rule } from '../../../src/core/policy/rule.ts';
import { cut } from '../../../src/operate/json-line.ts';
import { ids } from '../peer/world.ts';
import {
  type CachedAuthority,
  connection,
  type HttpText,
  httpRule,
  nowhere,
  request,
  tcpRule,
} from './rules.ts';

const nearest = (rules: readonly Rule[], asked: CachedAuthority): string => {
  const route = new Routes(rules).match(request(asked));
  return route instanceof Denial ? (route.detail?.split('; nearest: ')[1] ?? 'none') : route.rule.name;
};

const asked = { host: 'orders.a.b', path: '/x/y' };
const cases: readonly [part: string, rule: HttpText, asked: CachedAuthority, why: string][] = [
  [
    'a host',
    { hosts: ['orders.*'] },
    asked,
    'host orders.* does not match orders.a.b: it has one label more',
  ],
  ['a host with **', { hosts: ['**.c'] }, asked, 'host **.c does not match orders.a.b'],
  [
    'a host with a port',
    { hosts: ['orders.a.b:8443'] },
    asked,
    'host orders.a.b:8443 does not match orders.a.b: the port or the final dot differs',
  ],
  [
    'the nearest of several hosts',
    { hosts: ['a', '*.b', '*.z.b'] },
    asked,
    'host *.b (and 2 more) does not match orders.a.b: it has one label more',
  ],
  ['a method', { methods: ['PUT', 'POST'] }, asked, 'method GET is not PUT, POST'],
  ['a path', { paths: ['/x'] }, asked, 'path /x does not match /x/y: it has one segment more'],
  [
    'a path in capitals',
    { paths: ['/X/*'] },
    asked,
    'path /X/* does not match /x/y: the case of letters differs',
  ],
  [
    'the nearest of several paths',
    { paths: ['/a/b', '/x/z', '/c'] },
    asked,
    'path /x/z (and 2 more) does not match /x/y',
  ],
  ['a port', { ports: [9090] }, asked, 'port 8080 is not 9090'],
  ['a context', { context: { policy: 'orders' } }, asked, 'context policy is missing and not orders'],
  [
    'a destination',
    { destinations: [ids.gateway] },
    asked,
    `destination ${ids.gateway} does not match ${ids.orders}`,
  ],
];
for (const [part, rule, presented, why] of cases)
  test(`near miss – names ${part} that does not match, beside a rule that misses more`, (t) => {
    const far = httpRule('far', { hosts: ['far'], methods: ['TRACE'], paths: ['/far/away'] });
    t.is(nearest([far, httpRule('one', rule)], presented), `one (${why})`);
  });

test('near miss – says that a final slash makes the difference, where it counts', (t) => {
  const reading = {
    hosts: {},
    paths: { ignoreCase: false, ignoreTrailingSlash: false },
    destinations: { xfcc: false, waypoints: [] },
  };
  const route = new Routes([httpRule('one', { paths: ['/x'] })], reading).match(request({ path: '/x/' }));
  t.regex(
    route instanceof Denial ? (route.detail ?? '') : '',
    /path \/x does not match \/x\/: it has a slash/,
  );
});

test('near miss – shows three rules at most, and those first that share the most', (t) => {
  const rules = ['/a', '/x/y/a/b', '/x/a', '/x/y/z', '/b'].map((path, number) =>
    httpRule(`r${number}`, { paths: [path] }),
  );
  t.deepEqual(nearest(rules, asked).match(/r\d/g), ['r1', 'r3', 'r2']);
});

test('near miss – shows the rules that miss by the fewest parts, if none misses by one', (t) => {
  const rules = [
    httpRule('three', { hosts: ['a'], methods: ['PUT'], paths: ['/a'] }),
    httpRule('two', { methods: ['PUT'], paths: ['/a/b'] }),
  ];
  t.is(nearest(rules, asked), 'two (method GET is not PUT; path /a/b does not match /x/y)');
});

test('near miss – a path of 8 KB leaves room for the rules in the log', (t) => {
  const path = `/${'x'.repeat(8_000)}`;
  const route = new Routes([httpRule('one', { methods: ['PUT'] })]).match(
    request({ path, method: 'A'.repeat(9_000) }),
  );
  t.regex(
    (route instanceof Denial && cut(route.detail)) || '',
    /; nearest: one \(method A{20}… is not PUT\)$/,
  );
});

const far = 10_000;
/** Counts how often the `match` of a rule is read: each look at a rule begins with that. */
function counted(rules: readonly Rule[], count: () => void): Rule[] {
  return rules.map((rule) =>
    Object.defineProperty({ ...rule }, 'match', {
      get() {
        count();
        return rule.match;
      },
    }),
  );
}

for (const [title, rule, presented] of [
  ['hosts', (n: number) => ({ hosts: [`h${n}.test`], paths: ['/a/*'] }), { host: 'h9000.test', path: '/a' }],
  ['paths', (n: number) => ({ paths: [`/p${n}/*`] }), { path: '/p9000/a/b' }],
  ['methods', (n: number) => ({ paths: [`/p${n}/*`], methods: ['PUT'] }), { path: '/p9000/a' }],
] as const)
  test(`near miss – finds the near one of ${far} rules by their ${title}, and looks at few`, (t) => {
    let looks = 0;
    const rules = Array.from({ length: far }, (_, n) => httpRule(`r${n}`, rule(n)));
    const routes = new Routes(counted(rules, () => looks++));
    looks = 0;
    const route = routes.match(request(presented));
    t.regex((route instanceof Denial && route.detail) || '', /; nearest: r9000 \(/);
    t.true(looks <= 300, `${looks}`);
  });

test('near miss – the longest path and the widest trie do not make it look at more', (t) => {
  let looks = 0;
  const wide = Array.from({ length: far }, (_, n) =>
    httpRule(`r${n}`, { paths: ['/**/a/*/**', `/**/${n}/*/a`] }),
  );
  const routes = new Routes(counted(wide, () => looks++));
  looks = 0;
  const route = routes.match(
    request({ path: `/${Array.from({ length: 127 }, () => 'b'.repeat(62)).join('/')}` }),
  );
  t.true(route instanceof Denial);
  t.true(looks <= 300, `${looks}`);
});

test('near miss – passes over a rule with more patterns than it compares', (t) => {
  const large = httpRule('large', { paths: Array.from({ length: 1_000 }, (_, n) => `/${n}`) });
  t.is(nearest([large, httpRule('small', { paths: ['/a'] })], asked).split(' ')[0], 'small');
});

test('near miss – long patterns with ** do not make it compare more', (t) => {
  let reads = 0;
  const count = (path: readonly string[]) =>
    new Proxy(path, {
      get(target, key) {
        reads++;
        return Reflect.get(target, key);
      },
    });
  const rules = Array.from({ length: 64 }, (_, n) => {
    const paths = Array.from({ length: 8 }, (_, m) => `/**/${'a/'.repeat(40)}b${n}-${m}`);
    const rule = httpRule(`r${n}`, { paths });
    return { ...rule, match: { ...rule.match, paths: rule.match.paths.map(count) } };
  });
  const routes = new Routes(rules);
  reads = 0;
  const route = routes.match(request({ path: '/a'.repeat(128) }));
  t.regex((route instanceof Denial && route.detail) || '', /; nearest: r0 \(/);
  t.true(reads < 500_000, `${reads}`);
});

test('near miss – walks once through the rules of a place that each step leads to', (t) => {
  let looks = 0;
  const root = node();
  insert(root, ['**', 'a', 'b', 'c'], 7, (steps) => steps);
  const deep = root.any?.child?.child;
  const others = deep?.child?.others;
  Object.defineProperty(deep?.child, 'others', { get: () => ++looks && others });
  t.deepEqual(neighbours([{ root, steps: Array<string>(128).fill('a') }]), [7]);
  t.is(looks, 3);
});

const sought: Sought = {
  ...nowhere,
  host: { labels: ['orders', 'a', 'b'], tail: '' },
  method: 'GET',
  path: ['x'],
};

test('every miss – names all parts of every rule, in order, and no rule for connections', (t) => {
  const rules = [
    httpRule('all', {
      destinations: [ids.orders],
      hosts: ['a'],
      methods: ['PUT'],
      paths: ['/a'],
      ports: [1],
      context: { a: 'b' },
    }),
    tcpRule('tcp', [1]),
    httpRule('open'),
  ];
  const found = everyMiss(rules, sought).map(({ rule, misses }) => [
    rule.name,
    misses.map(({ part }) => part),
  ]);
  t.deepEqual(found, [
    ['all', ['destination', 'host', 'method', 'path', 'port', 'context']],
    ['open', []],
  ]);
  const connection = everyMiss(rules, { destination: undefined, port: 2 });
  t.deepEqual(connection, [{ rule: rules[1], misses: [{ part: 'port', why: '2 is not 1' }] }]);
});

test('every miss – agrees with the nearest rules, and with what matches', (t) => {
  const rules = [
    httpRule('path', { paths: ['/y'] }),
    httpRule('host', { hosts: ['orders.*'], paths: ['/x'] }),
  ];
  const names = (found: ReturnType<typeof everyMiss>) => found.map(({ rule }) => rule.name).sort();
  t.deepEqual(names(nearestRules(rules, sought)), names(everyMiss(rules, sought)));
});

test('every miss – reads a request and a connection as the search does, and refuses what it refuses', (t) => {
  const routes = new Routes([httpRule('one', { hosts: ['a'], paths: ['/X'] }), tcpRule('tcp', [1])], {
    hosts: { ignorePort: true },
    paths: { ignoreCase: true, ignoreTrailingSlash: true },
    destinations: { xfcc: false, waypoints: [] },
  });
  const parts = (evidence: Evidence) => {
    const found = routes.everyMiss(evidence);
    return found instanceof Denial
      ? found.reason
      : found.map(({ rule, misses }) => [rule.name, ...misses.map(({ part }) => part)]);
  };
  t.deepEqual(parts(request({ host: 'A:8443', path: '/y' })), [['one', 'path']]);
  t.deepEqual(parts(request({ host: 'b', path: '/y' })), [['one', 'host', 'path']]);
  t.deepEqual(parts(connection(ids.orders, 2)), [['tcp', 'port']]);
  t.is(parts(request({ path: '/a//b' })), 'path_ambiguous');
});
