import test from 'ava';
import { parse } from 'yaml';
import { toJsonSchema } from '../../../src/config/json-schema.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { acceptTeam, platformOf } from '../../../src/config/teams/accept.ts';
import { reachOf } from '../../../src/config/teams/reach.ts';
import { teamSchema } from '../../../src/config/teams/team-schema.ts';
import { allowed, attempts, platform } from './attempts.ts';

/** What becomes of the rules of the first team. */
function accept(rules: string, delegation = '', base = platform, owner = 'payments') {
  const text = delegation ? base.replace(/owner: payments, [^\n]*/, `owner: payments, ${delegation}}`) : base;
  const { config } = parseConfig(text, 'peerproof.yaml');
  const [first] = config.delegate;
  if (!first) throw new TypeError('no delegation');
  const reach = reachOf(first, Object.keys(config.peers.trustDomains ?? {}), first.namespaces);
  const team = {
    owner: 'payments',
    file: 'rules.d/payments.yaml',
    text: `owner: ${owner}\nrules: ${rules}\n`,
  };
  const outcome = acceptTeam(team, reach, platformOf(parse(text), config));
  return 'rules' in outcome ? outcome : outcome.map(({ key, message }) => [key, message] as const);
}

for (const { title, rules, refusals } of attempts)
  test(`a team reaches beyond – ${title}: refused`, (t) => {
    const outcome = accept(rules);
    if ('rules' in outcome) return t.fail('it was accepted');
    t.deepEqual(
      outcome.map(([key]) => key),
      refusals.map(([key]) => key),
    );
    for (const [at, [, message]] of refusals.entries()) t.regex(outcome[at]?.[1] ?? '', message);
  });

test('a team – a rule within its delegation is accepted', (t) => {
  const outcome = accept(allowed);
  t.true('rules' in outcome, JSON.stringify(outcome));
});

const own = 'destinations: ["spiffe://cluster.local/ns/payments/sa/api"]';
const gateway = 'hosts: [payments.example.com], mayOmitDestinations: true';

/** What a delegation allows that is refused otherwise. */
for (const [title, delegation, rules] of [
  ['public rules', 'namespaces: [payments], mayBePublic: true', `[{name: a, match: {${own}}, public: true}]`],
  [
    'an optional token',
    'namespaces: [payments], mayBePublic: true',
    `[{name: a, match: {${own}}, require: {token: optional}}]`,
  ],
  ['observation', 'namespaces: [payments], mayObserve: true', `[{name: a, mode: observe, match: {${own}}}]`],
  [
    'observation of a requirement',
    'namespaces: [payments], mayObserve: true',
    `[{name: a, match: {${own}}, require: {scopes: [a], observe: [scopes]}}]`,
  ],
  [
    'hosts alone in a mesh',
    `namespaces: [payments], ${gateway}`,
    '[{name: a, match: {hosts: [Payments.Example.com]}}]',
  ],
  [
    'hosts of a team without destinations',
    'hosts: ["**.example.com"]',
    '[{name: a, match: {hosts: ["*.pay.example.com"]}}]',
  ],
  [
    'hosts with the delegated port',
    'hosts: ["a.example:8443"]',
    '[{name: a, match: {hosts: ["A.example:8443"]}}]',
  ],
  [
    'any host at its own workload',
    'namespaces: [payments]',
    `[{name: a, match: {${own}, hosts: [other.example]}}]`,
  ],
  ['a context', 'namespaces: [payments], context: [a]', `[{name: a, match: {${own}, context: {a: b}}}]`],
  ['all issuers', 'namespaces: [payments]', `[{name: a, match: {${own}}, require: {scopes: [a]}}]`],
  [
    'other destinations than its own namespace',
    'namespaces: [payments], destinations: ["spiffe://cluster.local/ns/shared/**"]',
    '[{name: a, match: {destinations: ["spiffe://cluster.local/ns/shared/sa/*"]}}]',
  ],
  [
    'connections to its own workload',
    'namespaces: [payments], issuers: [corp]',
    `[{name: a, match: {protocol: tcp, ${own}}, require: {peers: ["spiffe://cluster.local/**"]}}]`,
  ],
  ['no rules at all', 'namespaces: [payments]', '[]'],
  [
    'a larger text of more rules',
    'namespaces: [payments], maxRules: 200',
    `[{name: a, match: {${own}}}] #${' '.repeat(130_000)}`,
  ],
  [
    'more rules',
    'namespaces: [payments], maxRules: 101',
    `[${Array.from({ length: 101 }, (_, at) => `{name: r${at}, match: {${own}}}`).join()}]`,
  ],
] as const)
  test(`a team – ${title}: allowed by its delegation`, (t) => {
    const outcome = accept(rules, delegation);
    t.true('rules' in outcome, JSON.stringify(outcome));
  });

test('a team – a client certificate is refused where issuers are delegated, because none of them vouches for it', (t) => {
  const rules = `[{name: a, match: {${own}}, require: {credential: client-certificate}}]`;
  t.true('rules' in accept(rules, 'namespaces: [payments]'));
  const outcome = accept(rules, 'namespaces: [payments], issuers: [corp]');
  if ('rules' in outcome) return t.fail('it was accepted');
  t.is(outcome.length, 1);
  t.regex(outcome.flat().join(), /rules\[0\]\.require\.credential.*no issuer vouches/);
});

/** What stays refused although something near it is allowed. */
for (const [title, delegation, rules, key] of [
  [
    'patterns that take long to compare',
    'hosts: ["**.t.example"], maxRules: 1000',
    `[{name: a, match: {hosts: [${Array.from({ length: 8_000 }, (_, at) => `"**.a${at}.**.t.example"`).join()}]}}]`,
    'rules',
  ],
  [
    'a host of others without destinations',
    gateway,
    '[{name: a, match: {hosts: [billing.example.com]}}]',
    'rules[0].match.hosts[0]',
  ],
  ['neither hosts nor destinations', gateway, '[{name: a, match: {paths: [/a]}}]', 'rules[0].match.hosts'],
  [
    'connections without destinations',
    gateway,
    '[{name: a, match: {protocol: tcp}, require: {peers: ["spiffe://cluster.local/**"]}}]',
    'rules[0].match.protocol',
  ],
  [
    'its namespace, if it has other destinations',
    'namespaces: [payments], destinations: ["spiffe://cluster.local/ns/shared/**"]',
    `[{name: a, match: {${own}}}]`,
    'rules[0].match.destinations[0]',
  ],
  [
    'a destination of a team that has none',
    'hosts: [payments.example.com]',
    `[{name: a, match: {${own}, hosts: [payments.example.com]}}]`,
    'rules[0].match.destinations[0]',
  ],
] as const)
  test(`a team – ${title}: refused`, (t) => {
    const outcome = accept(rules, delegation);
    if ('rules' in outcome) return t.fail('it was accepted');
    t.deepEqual(
      outcome.map(([at]) => at),
      [key],
    );
  });

/** How each setting of a rule is kept from concerning others. `own`: it only concerns requests to the team. */
const settings = {
  name: 'it gets the owner before it',
  mode: 'mayObserve',
  public: 'mayBePublic',
  ...{ 'match.protocol': 'own', 'match.methods': 'own', 'match.paths': 'own', 'match.ports': 'own' },
  ...{ 'match.destinations': 'delegated', 'match.hosts': 'delegated', 'match.context': 'delegated' },
  'require.token': 'mayBePublic',
  'require.issuers': 'delegated',
  'require.observe': 'mayObserve',
  ...{ 'require.scopes': 'own', 'require.claims': 'own', 'require.serviceAccounts': 'own' },
  ...{ 'require.namespaces': 'own', 'require.pods': 'own', 'require.emails': 'own' },
  ...{ 'require.emailDomains': 'own', 'require.when': 'own', 'require.peers': 'own' },
  ...{ 'require.credential': 'own', 'require.authorizationServer': 'own', 'require.binding': 'own' },
  ...{ 'require.actors': 'own' },
};

test('a team – for each setting of a rule it is decided whether a delegation bounds it', (t) => {
  const schema = toJsonSchema(teamSchema);
  const rule = schema.properties?.rules?.items?.properties ?? {};
  const keys = Object.entries(rule).flatMap(([key, { properties }]) =>
    properties ? Object.keys(properties).map((inner) => `${key}.${inner}`) : [key],
  );
  t.deepEqual(keys.toSorted(), Object.keys(settings).toSorted());
});

test('a team – of many problems the first are named, and how many more there are', (t) => {
  const outcome = accept(`[${Array.from({ length: 50 }, () => '{}').join()}]`);
  if ('rules' in outcome) return t.fail('it was accepted');
  t.is(outcome.length, 20);
  t.regex(outcome.at(-1)?.[1] ?? '', /\(and \d+ more\)$/);
});

for (const [title, rules] of [
  ['a key', `[{name: a, match: {${own}, context: {? ${'x'.repeat(50_000)} : a}}}]`],
  ['a value', `[{name: a, match: {${own}}, require: {issuers: [${'x'.repeat(50_000)}]}}]`],
  ['an alias', `*${'x'.repeat(50_000)}`],
] as const)
  test(`a team – ${title} of 50 KB does not make a message as long`, (t) => {
    const outcome = accept(rules);
    if ('rules' in outcome) return t.fail('it was accepted');
    for (const [key, message] of outcome) t.true(key.length <= 201 && message.length <= 1_001);
  });

test('a team – what is written once counts as often as aliases name it', (t) => {
  const paths = Array.from({ length: 4_000 }, (_, n) => `/a/${n}`).join(', ');
  const rule = (n: number, value: string) => `{name: r${n}, match: {${own}, paths: ${value}}}`;
  const rules = [
    rule(0, `&paths [${paths}]`),
    ...Array.from({ length: 50 }, (_, n) => rule(n + 1, '*paths')),
  ];
  t.deepEqual(accept(`[${rules.join(', ')}]`), [
    ['rules', 'is too large once its aliases (*) are written out: use fewer'],
  ]);
  const few = ['paths: &paths [/a, /b]', 'paths: *paths'].map(
    (text, n) =>
      `{name: r${n}, match: {hosts: [payments.example.com], ${own}, ${text}}, require: {issuers: [corp]}}`,
  );
  const outcome = accept(`[${few.join(', ')}]`);
  t.true('rules' in outcome, JSON.stringify(outcome));
});

test('a team – of thousands of issuers that do not exist, few get a hint', (t) => {
  const issuers = Array.from({ length: 3_000 }, () => 'corpp').join(', ');
  const outcome = accept(`[{name: a, match: {${own}}, require: {issuers: [${issuers}]}}]`);
  if ('rules' in outcome) return t.fail('it was accepted');
  t.is(outcome.filter(([, message]) => message.includes('did you mean')).length, 4);
});
