import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { problemsOf } from '../support/config-problems.ts';

const issuers = 'issuers: {corp: {issuer: https://login.example.com, audiences: [a]}}';
const rules = 'rules: [{name: a, match: {paths: [/a]}, require: {issuers: [corp]}}]';
const mesh = 'peers: {trustDomains: {cluster.local: {}}}';
const text = (delegate: string, more = '') => `${issuers}\n${rules}\ndelegate: [${delegate}]\n${more}\n`;

test('delegate – its defaults allow nothing', (t) => {
  const { config } = parseConfig(text('{owner: a, hosts: [a.example]}'), 'x');
  t.deepEqual(config.delegate[0], {
    ...{
      owner: 'a',
      namespaces: [],
      hosts: [{ labels: ['a', 'example'], tail: '' }],
      context: [],
      issuers: [],
    },
    ...{ mayBePublic: false, mayObserve: false, mayOmitDestinations: false, maxRules: 100 },
  });
  const alone = parseConfig(`${issuers}\n${rules}`, 'x').config;
  t.deepEqual([alone.delegate, alone.lastRules, alone.include, alone.teams], [[], [], undefined, undefined]);
});

for (const [title, yaml, key, message] of [
  [
    'one owner twice',
    text('{owner: a, hosts: [a]}, {owner: a, hosts: [b]}'),
    'delegate[1].owner',
    /delegated to twice/,
  ],
  [
    'an owner with the name of a workload',
    text('{owner: w, hosts: [a]}', 'workloads: {w: {destinations: ["spiffe://a/b"], rules: [{name: b}]}}'),
    'delegate[0].owner',
    /also the name of an entry of workloads/,
  ],
  ['an owner with a slash', text('{owner: a/b, hosts: [a]}'), 'delegate[0].owner', /1 to 63 characters/],
  ['nothing', text('{owner: a}'), 'delegate[0]', /delegates nothing: name namespaces, destinations or hosts/],
  [
    'an empty list of destinations',
    text('{owner: a, namespaces: [a], destinations: []}', mesh),
    'delegate[0]',
    /delegates nothing/,
  ],
  [
    'namespaces without trust domains',
    text('{owner: a, namespaces: [a]}'),
    'delegate[0].namespaces',
    /needs peers\.trustDomains/,
  ],
  [
    'a pattern as a namespace',
    text('{owner: a, namespaces: ["*"]}', mesh),
    'delegate[0].namespaces[0]',
    /must be a namespace/,
  ],
  [
    'an issuer that is not there',
    text('{owner: a, hosts: [a], issuers: [crop]}'),
    'delegate[0].issuers[0]',
    /is not a configured issuer: "crop"; .*did you mean "corp"/,
  ],
  [
    'a host with a port that is ignored',
    text('{owner: a, hosts: ["a:80"]}', 'hosts: {ignorePort: true}'),
    'delegate[0].hosts[0]',
    /names a port, but hosts\.ignorePort is set/,
  ],
  [
    'files without a delegation',
    `${issuers}\n${rules}\ninclude: rules.d/*.yaml\n`,
    'include',
    /needs delegate/,
  ],
  [
    'many names of a context',
    text('{owner: a, hosts: [a], context: [a, b, c, d, e]}'),
    'delegate[0].context',
    /at most 4 names/,
  ],
  ['too many rules', text('{owner: a, hosts: [a], maxRules: 1001}'), 'delegate[0].maxRules', /1000/],
  [
    'the name of a rule among the last ones too',
    `${issuers}\n${rules}\nlastRules: [{name: a}]\n`,
    'lastRules[0].name',
    /name of another rule/,
  ],
  [
    'an unknown issuer in a condition of a last rule',
    `${issuers}\n${rules}\nlastRules: [{name: b, require: {when: "token.issuer == 'x'"}}]\n`,
    'lastRules[0].require.when',
    /is not the name of an issuer/,
  ],
  [
    'a share of lines for a rule of nobody',
    text('{owner: a, hosts: [a]}', 'log: {sample: {rules: {b/c: 0.5}}}'),
    'log.sample.rules.b/c',
    /is not the name of a rule/,
  ],
] as const)
  test(`delegate – refuses ${title}`, (t) => {
    const problems = problemsOf(yaml);
    t.deepEqual([...new Set(problems.map((problem) => problem.key))], [key]);
    t.regex(problems[0]?.message ?? '', message);
  });

for (const pattern of [
  '*.yaml',
  './*.yaml',
  'rules.d/*/a.yaml',
  'rules.d/**.yaml',
  'rules.d/a.yaml',
  '*/a.yaml',
  '../*.yaml',
  '',
])
  test(`delegate – refuses to include ${JSON.stringify(pattern)}`, (t) => {
    const [problem] = problemsOf(text('{owner: a, hosts: [a]}', `include: ${JSON.stringify(pattern)}`));
    t.is(problem?.key, 'include');
    t.regex(problem?.message ?? '', /must be a folder of its own and a name with one \*/);
  });

test('delegate – a share of lines may name a rule that a team can have', (t) => {
  const { config } = parseConfig(text('{owner: a, hosts: [a]}', 'log: {sample: {rules: {a/b: 0.5}}}'), 'x');
  t.deepEqual(config.log.sample.rules, { 'a/b': 0.5 });
});
