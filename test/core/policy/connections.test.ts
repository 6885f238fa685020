import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { matchesSpiffePattern, parseSpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { Routes } from '../../../src/core/policy/routes.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { connection, httpRule, request, tcpRule } from './rules.ts';

const db = 'spiffe://cluster.local/ns/data/sa/db';
const cache = 'spiffe://cluster.local/ns/data/sa/cache';
const other = 'spiffe://cluster.local/ns/other/sa/db';

function match(rules: Parameters<typeof tcpRule>[], principal: string, port: number): string {
  const route = new Routes(rules.map((rule) => tcpRule(...rule))).match(connection(principal, port));
  return route instanceof Denial ? `${route.reason}: ${route.detail}` : route.rule.name;
}

const cases: readonly [
  what: string,
  rules: Parameters<typeof tcpRule>[],
  principal: string,
  port: number,
  expected: string,
][] = [
  ['any connection', [['any']], db, 5432, 'any'],
  ['any connection, to a workload without a name', [['any']], '', 0, 'any'],
  ['its port', [['port', [5432]]], db, 5432, 'port'],
  ['one of its ports', [['port', [1, 5432]]], db, 5432, 'port'],
  ['its port, whoever is there', [['port', [5432]]], '', 5432, 'port'],
  ['its destination', [['to', [], [db]]], db, 1, 'to'],
  ['one of its destinations', [['to', [], [cache, db]]], db, 1, 'to'],
  ['its destination by pattern', [['to', [], ['spiffe://cluster.local/ns/data/**']]], cache, 1, 'to'],
  ['its port and destination', [['both', [5432], [db]]], db, 5432, 'both'],
  [
    'the first of two',
    [
      ['first', [5432]],
      ['second', [], [db]],
    ],
    db,
    5432,
    'first',
  ],
  [
    'the second of two',
    [
      ['first', [5433]],
      ['second', [], [db]],
    ],
    db,
    5432,
    'second',
  ],
  [
    'none: another port',
    [['port', [5432]]],
    db,
    5433,
    `no_rule: a connection to ${db}:5433; nearest: port (port 5433 is not 5432)`,
  ],
  [
    'none: no port is known',
    [['port', [5432]]],
    db,
    0,
    `no_rule: a connection to ${db}:0; nearest: port (port is not known (wanted: 5432))`,
  ],
  [
    'none: another workload',
    [['to', [], [db]]],
    other,
    1,
    `no_rule: a connection to ${other}:1; nearest: to (destination ${db} does not match ${other})`,
  ],
  [
    'none: a name that begins the same',
    [['to', [], [db]]],
    `${db}2`,
    1,
    `no_rule: a connection to ${db}2:1; nearest: to (destination ${db} does not match ${db}2)`,
  ],
  [
    'none: the right port of another workload',
    [['both', [5432], [db]]],
    cache,
    5432,
    `no_rule: a connection to ${cache}:5432; nearest: both (destination ${db} does not match ${cache})`,
  ],
  [
    'none: another port of the right workload',
    [['both', [5432], [db]]],
    db,
    5433,
    `no_rule: a connection to ${db}:5433; nearest: both (port 5433 is not 5432)`,
  ],
  [
    'none: a destination without a name',
    [['to', [], [db]]],
    '',
    1,
    `no_rule: a connection to a workload without a name:1; nearest: to (destination is not named by the proxy (wanted: ${db}))`,
  ],
  [
    'none: a destination whose name is no SPIFFE ID',
    [['to', [], ['spiffe://cluster.local/**']]],
    'db.example',
    1,
    'no_rule: a connection to db.example:1; nearest: to (destination is not named by the proxy (wanted: spiffe://cluster.local/**))',
  ],
  [
    'none: a destination with a final slash',
    [['to', [], ['spiffe://cluster.local/**']]],
    `${db}/`,
    1,
    `no_rule: a connection to ${db}/:1; nearest: to (destination is not named by the proxy (wanted: spiffe://cluster.local/**))`,
  ],
];
for (const [what, rules, principal, port, expected] of cases)
  test(`connections – covered by ${what}`, (t) => {
    t.is(match(rules, principal, port), expected);
  });

test('connections – a rule for requests covers none, and a rule for connections no request', (t) => {
  const requests = new Routes([httpRule('http')]);
  t.deepEqual(requests.match(connection(db, 1)), new Denial('no_rule', `a connection to ${db}:1`));
  const connections = new Routes([tcpRule('tcp')]);
  t.deepEqual(connections.match(request({ path: '/x' })), new Denial('no_rule', 'GET orders.example.com /x'));
});

test('connections – each kind finds its own rule among both, and a connection has no path (routes.ts)', (t) => {
  const both = new Routes([httpRule('http'), tcpRule('tcp')]);
  const tcp = both.match(connection(db, 1));
  const http = both.match(request({ path: '/x' }));
  t.deepEqual(tcp instanceof Denial ? tcp : [tcp.rule.name, 'path' in tcp], ['tcp', false]);
  t.deepEqual(http instanceof Denial ? http : [http.rule.name, http.path], ['http', '/x']);
});

test('connections – context_extensions do not choose a rule for them (rule.ts)', (t) => {
  const routes = new Routes([httpRule('http', { context: { policy: 'orders' } }), tcpRule('tcp', [5432])]);
  t.deepEqual(
    routes.match(connection(db, 1, { policy: 'orders' })),
    new Denial('no_rule', `a connection to ${db}:1; nearest: tcp (port 1 is not 5432)`),
  );
});

test('connections – a check does not look at the rules of other workloads', (t) => {
  let looks = 0;
  const rules = Array.from({ length: 1_000 }, (_, at) => {
    const rule = tcpRule(`r${at}`, [], [`spiffe://cluster.local/ns/team-${at}/sa/*`]);
    const { match } = rule;
    const counted = {
      ...match,
      get destinations() {
        looks++;
        return match.destinations;
      },
    };
    return { ...rule, match: counted };
  });
  const routes = new Routes([...rules, tcpRule('last', [5432], [db])]);
  looks = 0;
  const route = routes.match(connection(db, 5432));
  t.is(route instanceof Denial ? route.detail : route.rule.name, 'last');
  t.is(looks, 0);
});

test('connections – the first rule that matches is found, as if each was looked at (4,000 connections)', (t) => {
  const random = seededRandom(4711);
  const word = (more: readonly string[] = []) => random.pick(['a', 'b', ...more]);
  const workload = (more?: readonly string[]) => `spiffe://${word()}.test/${word(more)}/${word()}`;
  const kinds = new Set<boolean>();
  for (let set = 0; set < 400; set++) {
    const rules = Array.from({ length: 6 }, (_, at) =>
      tcpRule(
        String(at),
        random.integer(2) ? [random.integer(3) + 1] : [],
        Array.from({ length: random.integer(3) }, () => workload(['*', '**'])),
      ),
    );
    const routes = new Routes(rules);
    for (let n = 0; n < 10; n++) {
      const [principal, port] = [random.integer(5) ? workload() : '', random.integer(3) + 1];
      const id = parseSpiffeId(principal);
      const expected = rules.find(
        ({ match: { ports, destinations } }) =>
          (ports.length === 0 || ports.includes(port)) &&
          (destinations.length === 0 ||
            (!(id instanceof Malformed) && destinations.some((one) => matchesSpiffePattern(one, id)))),
      );
      const route = routes.match(connection(principal, port));
      const found = route instanceof Denial ? undefined : route.rule;
      kinds.add(found !== undefined);
      if (found !== expected) t.fail(`${principal}:${port}: ${found?.name} instead of ${expected?.name}`);
    }
  }
  t.is(kinds.size, 2);
});
