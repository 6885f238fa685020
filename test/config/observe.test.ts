import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const rule = (text: string) => goodConfig({ rules: `- {name: orders, ${text}}` });

const mistakes: [string, string, key: string, message: RegExp][] = [
  [
    'a name that no requirement has',
    rule('require: {scopes: [a], observe: [scope]}'),
    'rules[0].require.observe[0]',
    /must be one of issuers, scopes, /,
  ],
  [
    'a requirement that the rule does not have',
    rule('require: {scopes: [a], observe: [scopes, claims]}'),
    'rules[0].require.observe[1]',
    /is not required by this rule: write claims beside observe, or remove it/,
  ],
  ['another mode', rule('mode: audit'), 'rules[0].mode', /must be one of enforce, observe/],
  [
    'a whole rule and a part of it',
    rule('mode: observe, require: {scopes: [a], observe: [scopes]}'),
    'rules[0].require.observe',
    /has no effect beside mode: observe/,
  ],
  [
    'a token endpoint',
    rule('mode: observe, require: {credential: client-assertion}'),
    'rules[0].mode',
    /client-assertion authenticates the client of a token endpoint, so it is not possible/,
  ],
  [
    'a token endpoint for certificates',
    goodConfig({
      more: 'clients: {shop: ["spiffe://cluster.local/ns/a/sa/b"]}',
      rules: '- {name: token, mode: observe, require: {credential: client-certificate}}',
    }),
    'rules[0].mode',
    /client-certificate authenticates the client of a token endpoint, so it is not possible/,
  ],
  [
    'a part of a token endpoint',
    rule(
      `require: {credential: client-assertion, peers: ["spiffe://cluster.local/ns/a/sa/b"], observe: [peers]}`,
    ),
    'rules[0].require.observe',
    /client-assertion authenticates/,
  ],
  [
    'a token endpoint of a service that is observed',
    goodConfig({ more: 'mode: observe', rules: '- {name: token, require: {credential: client-assertion}}' }),
    'rules[0].require.credential',
    /not possible under mode: observe/,
  ],
  [
    'a rule that is enforced in a service that is observed',
    goodConfig({ more: 'mode: observe', rules: '- {name: orders, mode: enforce}' }),
    'rules[0].mode',
    /cannot be enforce while the mode of the service is observe/,
  ],
];
for (const [title, text, key, message] of mistakes)
  test(`observe – a configuration with ${title} is refused`, (t) => {
    const problems = problemsOf(text);
    t.deepEqual(
      problems.map((problem) => problem.key),
      [key],
    );
    t.regex(problems[0]?.message ?? '', message);
  });

test('observe – everything that is observed is a warning', (t) => {
  const warned = (text: string) => parseConfig(text, 'x').warnings;
  t.regex(warned(goodConfig({ more: 'mode: observe' })).join(), /^mode: observe: every request passes/);
  t.regex(warned(rule('mode: observe')).join(), /^rule orders: mode: observe lets every request pass/);
  const parts = rule('require: {scopes: [a], claims: {b: c}, observe: [scopes, claims]}');
  t.regex(warned(parts).join(), /^rule orders: observe: \[scopes, claims\] lets requests pass/);
  t.deepEqual(warned(rule('mode: enforce')), []);
});

test('observe – the peers of a connection can be observed', (t) => {
  const peers = 'peers: ["spiffe://cluster.local/ns/a/sa/b"]';
  t.deepEqual(problemsOf(rule(`match: {protocol: tcp}, require: {${peers}, observe: [peers]}`)), []);
});

test('observe – a service that only observes needs no rule yet', (t) => {
  t.is(parseConfig('mode: observe\nrules: []\n', 'peerproof.yaml').config.rules.length, 0);
  t.throws(() => parseConfig('rules: []\n', 'peerproof.yaml'), { message: /at least one rule/ });
});
