import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { Denial } from '../../src/core/denial.ts';
import { noneUsed } from '../../src/core/used/used-proofs.ts';
import { createPolicy, listRules } from '../../src/serve/create-policy.ts';
import { problemsOf } from '../support/config-problems.ts';

const orders = 'spiffe://cluster.local/ns/applications/sa/orders';
const docs = 'spiffe://cluster.local/ns/docs/sa/docs';

const text = (rest: string, peers = '{trustDomains: {cluster.local: {}}}') => `issuers:
  corp: {issuer: https://login.example.com, audiences: [orders]}
peers: ${peers}
${rest}
`;
const team = (rules: string, destination = orders) =>
  `rules: []\nworkloads: {orders: {destinations: ["${destination}"], rules: [${rules}]}}`;

test('workloads – their rules come after `rules`, with destinations and full names', (t) => {
  const { config, warnings } = parseConfig(
    text(`rules: [{name: first, match: {destinations: ["${docs}"]}}]
workloads:
  docs: {destinations: ["${docs}"], rules: [{name: a, public: true}, {name: b}]}
  orders:
    destinations: ["${orders}", "spiffe://cluster.local/ns/orders/sa/*"]
    rules: [{name: a, match: {paths: [/x], ports: [80]}}, {name: db, match: {protocol: tcp}, public: true}]`),
    'x',
  );
  t.deepEqual(
    listRules(config).map(({ name, match }) => [name, match.destinations.map((one) => one.text)]),
    [
      ['first', [docs]],
      ['docs/a', [docs]],
      ['docs/b', [docs]],
      ['orders/a', [orders, 'spiffe://cluster.local/ns/orders/sa/*']],
      ['orders/db', [orders, 'spiffe://cluster.local/ns/orders/sa/*']],
    ],
  );
  t.deepEqual(warnings, []);
  const { routes } = createPolicy(config, [], () => '', new Map(), noneUsed);
  const connection = (principal: string) => {
    const route = routes.match({ peer: {}, destination: { principal, port: 1 }, context: {} });
    return route instanceof Denial ? route.reason : route.rule.name;
  };
  t.is(connection(orders), 'orders/db');
  t.is(connection(docs), 'no_rule');
  t.is(connection(''), 'no_rule');
});

for (const [title, yaml, key, message] of [
  ['neither rules nor workloads', 'rules: []', 'rules', /must hold at least one rule/],
  ['no destinations', 'rules: []\nworkloads: {a: {rules: [{name: a}]}}', 'workloads.a.destinations', /./],
  [
    'an empty list of them',
    'rules: []\nworkloads: {a: {destinations: [], rules: [{name: a}]}}',
    'workloads.a.destinations',
    /at least one SPIFFE ID/,
  ],
  [
    'no rules in an entry',
    `rules: []\nworkloads: {a: {destinations: ["${orders}"], rules: []}}`,
    'workloads.a.rules',
    /at least one rule/,
  ],
  [
    'destinations of a rule in it',
    team(`{name: a, match: {destinations: ["${docs}"]}}`),
    'workloads.orders.rules[0].match.destinations',
    /must be removed: the destinations of workloads\.orders apply/,
  ],
  [
    'a name twice',
    team('{name: a}, {name: a, public: true}'),
    'workloads.orders.rules[1].name',
    /name of another rule/,
  ],
  [
    'an issuer that is not there',
    team('{name: a, require: {issuers: [x]}}'),
    'workloads.orders.rules[0].require.issuers[0]',
    /is not a configured issuer: "x"/,
  ],
  [
    'a public rule that requires',
    team('{name: a, public: true, require: {scopes: [x]}}'),
    'workloads.orders.rules[0].require',
    /cannot be combined with public/,
  ],
  [
    'a destination that is no SPIFFE ID',
    team('{name: a}', 'orders'),
    'workloads.orders.destinations[0]',
    /spiffe:\/\//,
  ],
  [
    'a name with a slash',
    `rules: []\nworkloads: {"a/b": {destinations: ["${orders}"], rules: [{name: a}]}}`,
    'workloads.a/b',
    /./,
  ],
  [
    'a port that is ignored',
    'hosts: {ignorePort: true}\nrules: [{name: a, match: {hosts: ["a:80"]}}]',
    'rules[0].match.hosts[0]',
    /names a port, but hosts\.ignorePort is set/,
  ],
  [
    'a dot that is ignored',
    'hosts: {ignoreTrailingDot: true}\nrules: [{name: a, match: {hosts: ["a."]}}]',
    'rules[0].match.hosts[0]',
    /names a final dot, but hosts\.ignoreTrailingDot is set/,
  ],
  [
    'a path that has no certain case',
    'paths: {ignoreCase: true}\nrules: [{name: a, match: {paths: ["/%C4%B1"]}}]',
    'rules[0].match.paths[0]',
    /other case/,
  ],
] as const)
  test(`workloads – refuses ${title}`, (t) => {
    const problems = problemsOf(text(yaml));
    t.deepEqual(
      problems.map((problem) => problem.key),
      [key],
    );
    t.regex(problems[0]?.message ?? '', message);
  });

const warningsOf = (rules: string, peers?: string) =>
  parseConfig(text(rules, peers), 'x').warnings.filter((warning) => /destinations/.test(warning));
const loose = (names: string) =>
  `rules without destinations: ${names}: a sidecar accepts every Host, so each of these rules applies at every workload`;

for (const [title, rules, expected] of [
  ['by host', 'rules: [{name: a, match: {hosts: [a]}}]', ['a']],
  ['by path', 'rules: [{name: a, match: {paths: [/a]}}, {name: b, match: {methods: [GET]}}]', ['a, b']],
  ['public, of everything', 'rules: [{name: a, public: true}]', ['a']],
  ['of every request, with a token', 'rules: [{name: a}]', []],
  ['with destinations', `rules: [{name: a, match: {hosts: [a], destinations: ["${orders}"]}}]`, []],
  ['of a team', team('{name: a, match: {hosts: [a]}}'), []],
  ['of the proxy\u2019s own context', 'rules: [{name: a, match: {hosts: [a], context: {b: c}}}]', []],
  ['of connections', 'rules: [{name: a, match: {protocol: tcp, ports: [1]}, public: true}]', []],
  [
    'of several kinds',
    `rules: [{name: a, match: {hosts: [a]}}, {name: b}, {name: c, match: {paths: [/c]}, public: true}]`,
    ['a, c'],
  ],
  [
    'that is one of many',
    `rules: [${Array.from({ length: 12 }, (_, n) => `{name: r${n}, match: {hosts: [a]}}`).join()}]`,
    ['r0, r1, r2, r3, r4, r5, r6, r7, r8, r9 and 2 more'],
  ],
] as const)
  test(`workloads – a rule ${title}: ${expected.length} warning(s) in a mesh, none without one`, (t) => {
    t.deepEqual(warningsOf(rules), expected.map(loose));
    t.deepEqual(warningsOf(rules, '{}'), []);
  });

test('paths – a slash at the end of a rule counts where it counts in a request', (t) => {
  const routesOf = (ignoreTrailingSlash: boolean) =>
    createPolicy(
      parseConfig(
        text(
          `paths: {ignoreTrailingSlash: ${ignoreTrailingSlash}}\nrules: [{name: a, match: {paths: [/status/, /]}, public: true}]`,
        ),
        'x',
      ).config,
      [],
      () => '',
      new Map(),
      noneUsed,
    ).routes;
  const covered = (ignoreTrailingSlash: boolean) =>
    ['/status/', '/status', '/'].filter((path) => {
      const request = { method: 'GET', host: 'a', path, headers: {} };
      const evidence = { request, peer: {}, destination: { principal: '', port: 0 }, context: {} };
      return !(routesOf(ignoreTrailingSlash).match(evidence) instanceof Denial);
    });
  t.deepEqual(covered(true), ['/status/', '/status', '/']);
  t.deepEqual(covered(false), ['/status/', '/']);
});
