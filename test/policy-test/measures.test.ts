import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { configJsonSchema, settingsAt } from '../../src/config/json-schema.ts';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { matchesPattern } from '../../src/lib/pattern.ts';
import { loadSuite } from '../../src/policy-test/load.ts';
import { mutantsOf } from '../../src/policy-test/mutants.ts';
import { patternsMeet } from '../../src/policy-test/overlap.ts';
import { listRules } from '../../src/serve/create-policy.ts';
import { createTrial } from '../../src/trial/trial.ts';
import { now, runText } from './world.ts';

const issuers = `
issuers:
  login: {issuer: "https://login.example", audiences: [orders]}
  other: {issuer: "https://other.example", audiences: [orders]}
peers: {trustDomains: {cluster.local: {}}}
`;

function changesOf(rules: string, more = ''): readonly string[] {
  const { config } = parseWithoutFiles(`${issuers}${more}rules:\n${rules}`, 'c.yaml');
  return [...mutantsOf(listRules(config), Object.keys(config.issuers))].map(
    ({ rule, change }) => `${rule}: ${change}`,
  );
}

/** One rule with most settings. */
const rule = `- name: a
  match: {hosts: [orders.example], methods: [GET, PUT], paths: [/a/b], ports: [80], context: {team: x}, destinations: ["spiffe://cluster.local/ns/a/sa/b"]}
  require:
    issuers: [login]
    scopes: [read, write]
    claims: {tenant: [x, y]}
    serviceAccounts: [web/shop]
    peers: ["spiffe://cluster.local/ns/web/sa/*"]
    binding: [certificate, workload]
    when: claims.a == 1
`;

test('mutants – each setting of a rule is changed, one at a time', (t) => {
  t.deepEqual(changesOf(rule), [
    'a: it could be removed',
    'a: the host orders.example could be dropped',
    'a: the host orders.example could be *.example',
    'a: the methods could be dropped',
    'a: the method GET could be taken out',
    'a: the method PUT could be taken out',
    'a: the path /a/b could be dropped',
    'a: the path /a/b could be /a/*',
    'a: the destination spiffe://cluster.local/ns/a/sa/b could be dropped',
    'a: the destination spiffe://cluster.local/ns/a/sa/b could be spiffe://cluster.local/ns/a/sa/*',
    'a: the port 80 could be dropped',
    'a: the context team could be dropped',
    'a: it could be public',
    'a: the binding could be dropped',
    'a: the token could be optional',
    'a: the issuer login could be dropped',
    'a: the peer spiffe://cluster.local/ns/web/sa/* could be dropped',
    'a: the peer spiffe://cluster.local/ns/web/sa/* could be spiffe://cluster.local/ns/web/*/*',
    'a: the ServiceAccount web/shop could be dropped',
    'a: the proof certificate could be taken from its binding',
    'a: the proof workload could be taken from its binding',
    'a: the scope read could be dropped',
    'a: the scope write could be dropped',
    'a: the claim tenant could be dropped',
    'a: the value x of the claim tenant could be taken out',
    'a: the value y of the claim tenant could be taken out',
    'a: the condition could be dropped',
  ]);
});

test('mutants – who may act is widened in each of its parts', (t) => {
  const acting = `- name: a
  require:
    actors:
      allow: [{who: ["spiffe://cluster.local/ns/a/sa/b", shop], for: [alice]}]
`;
  const clients = 'clients: {shop: ["spiffe://cluster.local/ns/a/sa/shop"]}\n';
  t.deepEqual(
    changesOf(acting, clients).filter((change) => /actor|subject/.test(change)),
    [
      'a: the actors could be dropped',
      'a: the actor could be optional',
      'a: the chain of actors could be 2 long',
      'a: the actor spiffe://cluster.local/ns/a/sa/b could be taken out',
      'a: the actor spiffe://cluster.local/ns/a/sa/b could be spiffe://cluster.local/ns/a/sa/*',
      'a: the actor shop could be taken out',
      'a: the subject alice could be dropped',
    ],
  );
});

test('mutants – a new setting of a rule needs a change of its own', (t) => {
  const more = rule.replace(
    'scopes:',
    `namespaces: [web]
    pods: [web/shop-1]
    emails: [a@b.c]
    emailDomains: [b.c]
    actors: {maxLength: 0}
    scopes:`,
  );
  const { config } = parseWithoutFiles(`${issuers}rules:\n${more}`, 'c.yaml');
  const [original] = listRules(config);
  const changed = new Set<string>();
  for (const { rules } of mutantsOf([original!], Object.keys(config.issuers)))
    for (const part of ['match', 'require'] as const) {
      const before: Record<string, unknown> = { ...original?.[part] };
      const after: Record<string, unknown> = { ...(rules[0]?.[part] ?? before) };
      for (const key of Object.keys({ ...before, ...after }))
        if (!isDeepStrictEqual(before[key], after[key])) changed.add(`${part}.${key}`);
    }
  const all = ['match', 'require'].flatMap((part) =>
    settingsAt(configJsonSchema(), ['rules', 0, part]).map((key) => `${part}.${key}`),
  );
  // They say what a rule is about, and not what it requires.
  const kinds = [
    ...['match.protocol', 'require.credential', 'require.authorizationServer', 'require.observe'],
  ];
  t.deepEqual(
    all.filter((key) => !changed.has(key)),
    kinds,
  );
});

for (const [what, rules, expected] of [
  [
    'neighbours swap if a request fits both',
    '- {name: a, match: {paths: ["/a/*"]}}\n- {name: b, match: {paths: [/a/b]}, public: true}',
    true,
  ],
  [
    'neighbours stay if no request fits both',
    '- {name: a, match: {paths: ["/a/*"]}}\n- {name: b, match: {paths: [/b]}, public: true}',
    false,
  ],
  [
    'neighbours stay if they require the same',
    '- {name: a, match: {paths: ["/a/*"]}}\n- {name: b, match: {paths: [/a/b]}}',
    false,
  ],
] as const)
  test(`mutants – ${what}`, (t) => {
    t.is(changesOf(rules).includes('a: it could stand after the rule b'), expected);
  });

test('mutants – a list of all issuers is not dropped, and an open rule has no binding to drop', (t) => {
  const changes = changesOf('- {name: a, require: {issuers: [login, other], binding: [none]}}');
  t.false(changes.some((change) => /issuers could be dropped|binding could be dropped/.test(change)));
  t.true(changes.includes('a: the issuer other could be taken out'));
});

test('overlap – two patterns meet where some text fits both', (t) => {
  const parts = ['a', 'b', '*', '**'];
  const patterns = [
    [],
    ...parts.map((one) => [one]),
    ...parts.flatMap((one) => parts.map((two) => [one, two])),
  ].filter((pattern) => pattern.join() !== '**,**');
  const letters = ['a', 'b', 'c'];
  const texts = [
    [],
    ...letters.map((one) => [one]),
    ...letters.flatMap((one) => letters.map((two) => [one, two])),
    ...letters.flatMap((one) => letters.flatMap((two) => letters.map((three) => [one, two, three]))),
    ['a', 'a', 'b', 'b'],
  ];
  for (const one of patterns)
    for (const other of patterns)
      t.is(
        patternsMeet(one, other),
        texts.some((text) => matchesPattern(one, text) && matchesPattern(other, text)),
        `${one.join('/')} and ${other.join('/')}`,
      );
});

const reader = 'callers: {reader: {token: {claims: {scope: read}}}}\n';
const allowed = '{name: a, request: GET https://orders.example/1, from: reader, expect: allow}';
const denied =
  '{name: b, request: GET https://orders.example/1, from: {token: {}}, expect: {effect: deny, reason: scope_missing}}';

test('mutation – says which changes no test notices', async (t) => {
  const { output, exitCode } = await runText(t, `${reader}tests: [${allowed}]`, { mutate: true });
  t.is(exitCode, 0);
  t.is(
    output,
    `t.yaml: 1 test, all passed

Changes of c.yaml
  rule orders: the host orders.example could be dropped and no test would notice
  rule orders: the host orders.example could be *.example and no test would notice
  rule orders: the method GET could be dropped and no test would notice
  rule orders: it could be public and no test would notice
  rule orders: the token could be optional and no test would notice
  rule orders: the scope read could be dropped and no test would notice
  The tests notice 1 of 7 changes.`,
  );
});

test('mutation – a test for a requirement notices its absence', async (t) => {
  const { output } = await runText(t, `${reader}tests: [${allowed}, ${denied}]`, { mutate: true });
  t.notRegex(output, /scope read|public/);
  t.regex(output, /notice 3 of 7 changes/);
});

test('mutation – fails below the share that must be noticed', async (t) => {
  const text = `${reader}tests: [${allowed}, ${denied}]`;
  t.is((await runText(t, text, { mutate: true, minNoticed: 42 })).exitCode, 0);
  t.is((await runText(t, text, { mutate: true, minNoticed: 43 })).exitCode, 1);
});

test('mutation – waits until every test passes', async (t) => {
  const { output, exitCode } = await runText(t, `tests: [${allowed.replace('from: reader', 'from: {}')}]`, {
    mutate: true,
  });
  t.is(exitCode, 1);
  t.notRegex(output, /Changes/);
});

test('coverage – counts by rule, and names requirements that deny in no test', async (t) => {
  const { output } = await runText(t, `${reader}tests: [${allowed}, ${denied}]`, { coverage: true });
  t.is(
    output,
    `t.yaml: 2 tests, all passed

Coverage of c.yaml
  rule    allowed  denied  requirements that deny in no test
  orders        1       1  a token`,
  );
});

test('mutation – a change that leaves the routes as they are concerns only the tests of its rule', async (t) => {
  const file = fileURLToPath(new URL('../../examples/policy-tests/orders.test.yaml', import.meta.url));
  const { config, cases } = loadSuite(file, undefined, now);
  const trial = createTrial(config, now);
  let judged = 0;
  for (const mutant of mutantsOf(listRules(config.config), Object.keys(config.config.issuers))) {
    const judge = trial.judgeRules(mutant.rules);
    for (const { request } of mutant.routesAsBefore ? cases : []) {
      const before = await trial.decide(request);
      if (before.found.rule?.name === mutant.rule) continue;
      t.is((await judge(await trial.evidence(request))).reason, before.reason, mutant.change);
      judged++;
    }
  }
  t.true(judged > 100);
});
