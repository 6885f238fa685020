import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError, problemLine } from '../../src/config/problem.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

test('configuration – five different mistakes are five problems, each with its line, key and what would be right', (t) => {
  const text = `listen: {grpc: "9001"}
issuers:
  corp:
    issuer: http://login.example.com
    audiences: [orders]
    clockSkew: 30
rules:
- name: write
  match:
    paths: [/orders/*/]
  require:
    issuers: [corp, partner]
    scope: [orders.write]
`;
  const problems = problemsOf(text, 'peerproof.yaml');
  t.deepEqual(
    problems.map(({ file, line, key }) => [file, line, key]),
    [
      ['peerproof.yaml', 1, 'listen.grpc'],
      ['peerproof.yaml', 4, 'issuers.corp.issuer'],
      ['peerproof.yaml', 6, 'issuers.corp.clockSkew'],
      ['peerproof.yaml', 12, 'rules[0].require.issuers[1]'],
      ['peerproof.yaml', 13, 'rules[0].require.scope'],
    ],
  );
  const messages = [
    /0\.0\.0\.0:9001/,
    /must be https/,
    /30s/,
    /configured are: corp/,
    /not a setting.*scopes/,
  ];
  for (const [index, message] of messages.entries()) t.regex(problems[index]?.message ?? '', message);
});

test('configuration – a valid configuration has no problems, and its values are ready for use', (t) => {
  const { config, warnings } = parseConfig(goodConfig(), 'x');
  t.deepEqual(warnings, []);
  t.like(config.listen, { grpc: { host: '0.0.0.0', port: 9001 }, admin: { host: '0.0.0.0', port: 9003 } });
  t.is(config.issuers.corp?.clockSkew, 30_000);
});

for (const [what, text, message] of [
  ['without a text', '', 'has no settings: peerproof init writes a first configuration'],
  ['with a comment alone', '# rules', 'has no settings: peerproof init writes a first configuration'],
  ['with a word', 'rules', 'must be a mapping of settings, such as rules: […]'],
  ['with a list', '- rules', 'must be a mapping of settings, such as rules: […]'],
] as const)
  test(`configuration – a file ${what} has one problem`, (t) => {
    t.deepEqual(problemsOf(text, 'x.yaml'), [{ file: 'x.yaml', line: 1, key: '', message }]);
  });

test('configuration – the error reads file:line: key: message', (t) => {
  const error = t.throws(() => parseConfig(goodConfig({ more: 'realm: "a\\"b"' }), 'dir/x.yaml'), {
    instanceOf: ConfigError,
  });
  t.regex(
    error?.message ?? '',
    /^dir\/x\.yaml:9: realm: must be plain text without quotes, such as peerproof$/,
  );
  t.is(problemLine({ file: 'f', line: 3, key: '', message: 'm' }), 'f:3: m');
  t.is(problemLine({ file: 'command line', line: 0, key: '--a', message: 'm' }), 'command line: --a: m');
  t.is(problemLine({ file: 'a\x1b[2J\nb', line: 1, key: '', message: 'm' }), 'a\\u{1b}[2J\\u{a}b:1: m');
});

/** Text in place of the rules of a good configuration (or elsewhere), the key of the one problem, and the message. */
const single: [string, Parameters<typeof goodConfig>[0], string, RegExp][] = [
  ['an unknown key at the top', { more: 'rule: []' }, 'rule', /not a setting; settings here: .*rules/],
  ['an unknown key of an issuer', { issuer: '    audience: [x]' }, 'issuers.corp.audience', /not a setting/],
  ['an unknown key of peers', { peers: '  bundle: x' }, 'peers.bundle', /not a setting/],
  ['an unknown key of a rule', { rules: '- {name: a, allow: true}' }, 'rules[0].allow', /not a setting/],
  [
    'an unknown key of match',
    { rules: '- {name: a, match: {path: /x}}' },
    'rules[0].match.path',
    /not a setting/,
  ],
  [
    'an unknown key of require',
    { rules: '- {name: a, require: {scope: x}}' },
    'rules[0].require.scope',
    /not a setting/,
  ],
  [
    'an algorithm that is symmetric',
    { issuer: '    algorithms: [HS256]' },
    'issuers.corp.algorithms[0]',
    /must be one of RS256/,
  ],
  [
    'the algorithm none',
    { issuer: '    algorithms: [none]' },
    'issuers.corp.algorithms[0]',
    /must be one of RS256/,
  ],
  ['no algorithm', { issuer: '    algorithms: []' }, 'issuers.corp.algorithms', /./],
  [
    'an unknown profile',
    { issuer: '    accept: logout-token' },
    'issuers.corp.accept',
    /must be one of any, id-token, at\+jwt/,
  ],
  [
    'an unknown binding',
    { rules: '- {name: a, require: {binding: [cookie]}}' },
    'rules[0].require.binding[0]',
    /must be one of certificate, workload, .*none/,
  ],
  [
    'no binding, which must be written out',
    { rules: '- {name: a, require: {binding: []}}' },
    'rules[0].require.binding',
    /to require no proof, write \[none\]/,
  ],
  [
    'a binding that is no list',
    { rules: '- {name: a, require: {binding: none}}' },
    'rules[0].require.binding',
    /must be a list/,
  ],
  ['public: false', { rules: '- {name: a, public: false}' }, 'rules[0].public', /must be true/],
  ['an empty list of rules', { rules: '  []' }, 'rules', /at least one rule/],
  ['a rule without a name', { rules: '- match: {paths: [/x]}' }, 'rules[0].name', /is missing/],
  ['a name with a space', { rules: '- name: "a b"' }, 'rules[0].name', /1 to 63 characters/],
  [
    'a method in lower case',
    { rules: '- {name: a, match: {methods: [get]}}' },
    'rules[0].match.methods[0]',
    /in capital letters/,
  ],
  [
    'a path without slash',
    { rules: '- {name: a, match: {paths: [orders]}}' },
    'rules[0].match.paths[0]',
    /no leading slash.*\/orders/,
  ],
  [
    'a path with a query',
    { rules: '- {name: a, match: {paths: ["/a?b"]}}' },
    'rules[0].match.paths[0]',
    /query/,
  ],
  [
    'a path with dots',
    { rules: '- {name: a, match: {paths: [/a/../b]}}' },
    'rules[0].match.paths[0]',
    /dot segment/,
  ],
  [
    'a * inside a segment',
    { rules: '- {name: a, match: {paths: ["/a*"]}}' },
    'rules[0].match.paths[0]',
    /stand alone/,
  ],
  [
    'a host with a port that is none',
    { rules: '- {name: a, match: {hosts: ["a.example:70000"]}}' },
    'rules[0].match.hosts[0]',
    /not a port from 1 to 65535/,
  ],
  [
    'a host with a slash',
    { rules: '- {name: a, match: {hosts: [a.example/x]}}' },
    'rules[0].match.hosts[0]',
    /not a host name/,
  ],
  [
    'a * inside a label',
    { rules: '- {name: a, match: {hosts: ["a*.example"]}}' },
    'rules[0].match.hosts[0]',
    /stand alone/,
  ],
  [
    'a peer that is no SPIFFE ID',
    { rules: '- {name: a, require: {peers: [shop]}}' },
    'rules[0].require.peers[0]',
    /spiffe:\/\//,
  ],
  [
    'a peer with a wildcard as trust domain',
    { rules: '- {name: a, require: {peers: ["spiffe://*/a"]}}' },
    'rules[0].require.peers[0]',
    /trust domain/,
  ],
  [
    'a peer with a prefix wildcard',
    { rules: '- {name: a, require: {peers: ["spiffe://cluster.local/ns/a*"]}}' },
    'rules[0].require.peers[0]',
    /./,
  ],
  [
    'an unknown protocol',
    { rules: '- {name: a, match: {protocol: udp}}' },
    'rules[0].match.protocol',
    /must be one of http, tcp/,
  ],
  [
    'a peer source that does not exist',
    { peers: '  from: [cookie]' },
    'peers.from[0]',
    /must be one of attribute/,
  ],
  [
    'a span of time without a unit',
    { issuer: '    keep: 300' },
    'issuers.corp.keep',
    /must be a string, such as 500ms/,
  ],
  [
    'a span of time below zero',
    { issuer: '    clockSkew: -5s' },
    'issuers.corp.clockSkew',
    /is not a duration/,
  ],
  [
    'a jwksUri with a user',
    { issuer: '    jwksUri: https://a:b@x.example/' },
    'issuers.corp.jwksUri',
    /https URL/,
  ],
  [
    'a jwksUri that is a file',
    { issuer: '    jwksUri: file:///etc/passwd' },
    'issuers.corp.jwksUri',
    /https URL/,
  ],
  [
    'a token length beyond the limit',
    { more: 'limits: {tokenLength: 1000000}' },
    'limits.tokenLength',
    /65536/,
  ],
  [
    'a number below its bound',
    { more: 'limits: {waitingChecks: 0}' },
    'limits.waitingChecks',
    /^must be at least 1$/,
  ],
  ['a number above its bound', { more: 'log: {sample: 2}' }, 'log.sample', /^must be at most 1$/],
  [
    'a list with too few entries',
    { issuer: '    algorithms: []' },
    'issuers.corp.algorithms',
    /^must have at least 1 entry$/,
  ],
  [
    'a claim that no token can have',
    { rules: '- {name: orders, require: {claims: {tenant: null}}}' },
    'rules[0].require.claims.tenant',
    /^must be a text, a number, true, false, or a list of these$/,
  ],
  [
    'a name as the documents write it',
    { more: 'limits.tokenLength: 9000' },
    'limits.tokenLength',
    /; write limits: \{tokenLength: …\}$/,
  ],
  [
    'keys kept for less than a refresh',
    { issuer: '    keep: 1m' },
    'issuers.corp.keep',
    /not be shorter than refresh/,
  ],
  ['an empty client', { more: 'clients: {shop: []}' }, 'clients.shop', /at least one/],
  ['a client that is no SPIFFE ID', { more: 'clients: {shop: [shop]}' }, 'clients.shop[0]', /spiffe:\/\//],
  [
    'an address with a port too high',
    { more: 'listen: {admin: "0.0.0.0:70000"}' },
    'listen.admin',
    /not an address/,
  ],
];
for (const [title, parts, key, message] of single)
  test(`configuration – ${title} is refused, at ${key} alone`, (t) => {
    const problems = problemsOf(goodConfig(parts));
    t.deepEqual(
      [...new Set(problems.map((problem) => problem.key))],
      [key],
      problems.map(problemLine).join('\n'),
    );
    t.regex(problems[0]?.message ?? '', message);
    t.true((problems[0]?.line ?? 0) >= 1);
  });

for (const [title, parts, meant] of [
  ['a setting', { rules: '- {name: a, require: {scope: [x]}}' }, 'did you mean "scopes"?'],
  ['a setting at the top', { more: 'isuers: {}' }, 'did you mean "issuers"?'],
  ['a value', { rules: '- {name: a, require: {binding: [certficate]}}' }, 'did you mean "certificate"?'],
  ['an issuer', { rules: '- {name: a, require: {issuers: [crop]}}' }, 'did you mean "corp"?'],
  [
    'a key and its value in one word',
    { rules: '- {name: a, public:true}' },
    'write a space after the colon of public',
  ],
] as const)
  test(`configuration – a name that is nearly right is recognized: ${title}`, (t) => {
    const said = problemsOf(goodConfig(parts)).map(({ message }) => message);
    t.true(said.length > 0);
    t.true(said.join('\n').includes(meant), said.join('\n'));
  });
