import { resolve } from 'node:path';
import test from 'ava';
import { ConfigError, problemLine } from '../../src/config/problem.ts';
import { parseInject } from '../../src/inject/load.ts';

const good = `listen: {grpc: 127.0.0.1:9011, admin: 0.0.0.0:9013}
tokens:
- hosts: ["orders.*", "orders.*.svc.cluster.local"]
  audience: orders
  file: /var/run/secrets/tokens/orders
- name: everything-else
  hosts: ["**.internal.example"]
  audience: https://internal.example
  file: tokens/internal
  overwrite: true
`;

function problems(text: string): string[] {
  try {
    parseInject(text, 'inject.yaml');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemLine);
    throw error;
  }
}

test('inject configuration – a valid one is accepted', (t) => {
  const { config, warnings, directory } = parseInject(good, 'etc/inject.yaml');
  t.deepEqual(config.tokens, [
    {
      hosts: [
        { labels: ['orders', '*'], tail: '' },
        { labels: ['orders', '*', 'svc', 'cluster', 'local'], tail: '' },
      ],
      audience: 'orders',
      file: '/var/run/secrets/tokens/orders',
      overwrite: false,
    },
    {
      name: 'everything-else',
      hosts: [{ labels: ['**', 'internal', 'example'], tail: '' }],
      audience: 'https://internal.example',
      file: 'tokens/internal',
      overwrite: true,
    },
  ]);
  t.deepEqual(warnings, []);
  t.is(resolve(directory, 'x'), resolve('etc/x'));
});

test('inject configuration – by default only this machine may ask', (t) => {
  const { config } = parseInject('tokens: [{hosts: [a], audience: a, file: a}]', 'inject.yaml');
  t.deepEqual(config.listen, {
    grpc: { host: '127.0.0.1', port: 9011 },
    admin: { host: '0.0.0.0', port: 9013 },
  });
  t.is(config.grpc.maxConcurrentStreams, 4096);
});

const entry = 'tokens: [{hosts: [a], audience: a, file: a}]';
for (const [title, text, expected] of [
  ['nothing at all', '', ['inject.yaml:1: tokens: is missing: must be a list']],
  ['no entry', 'tokens: []', [/^inject\.yaml:1: tokens: must hold at least one entry/]],
  [
    'an unknown setting',
    `realm: x\n${entry}`,
    [
      'inject.yaml:1: realm: is not a setting; settings here: listen, grpc, allowInsecureCallers, hosts, tokens, drain',
    ],
  ],
  [
    'an unknown setting of an entry',
    'tokens:\n- hosts: [a]\n  audience: a\n  file: a\n  audiences: [a]',
    [
      'inject.yaml:5: tokens[0].audiences: is not a setting; settings here: name, hosts, audience, file, overwrite; did you mean "audience"?',
    ],
  ],
  [
    'no audience and no file',
    'tokens:\n- hosts: [a]',
    [
      'inject.yaml:2: tokens[0].audience: is missing: must be a string',
      'inject.yaml:2: tokens[0].file: is missing: must be a string',
    ],
  ],
  [
    'no hosts',
    'tokens:\n- hosts: []\n  audience: a\n  file: a',
    ['inject.yaml:2: tokens[0].hosts: must hold at least one pattern'],
  ],
  [
    'a host with no number as its port, and one by prefix',
    'tokens:\n- audience: a\n  file: a\n  hosts: ["a:http", "a*"]',
    [/^inject\.yaml:4: tokens\[0\]\.hosts\[0\]: not a host name/, /hosts\[1\]: "a\*": \* must stand alone/],
  ],
  [
    'a port that the proxy ignores',
    'hosts: {ignorePort: true}\ntokens:\n- audience: a\n  file: a\n  hosts: ["a", "a:80"]',
    ['inject.yaml:5: tokens[0].hosts[1]: names a port, but hosts.ignorePort is set: remove the port'],
  ],
  [
    'two entries of one name',
    `tokens:\n- {hosts: [a], audience: a, file: a}\n- {hosts: [b], audience: a, file: b}`,
    [/^inject\.yaml:3: tokens\[1\]: has the name "a" of another entry: set a unique name/],
  ],
  [
    'a door that is open to the network',
    `listen:\n  grpc: 0.0.0.0:9011\n${entry}`,
    [/^inject\.yaml:2: listen\.grpc: gives the tokens to every client that can reach it/],
  ],
  [
    'TLS that says not who may ask, with files that are not there',
    `listen: {grpc: "[::]:9011"}\ngrpc: {tls: {certFile: none.pem, keyFile: none.pem}}\n${entry}`,
    [
      /^inject\.yaml:1: listen\.grpc/,
      /^inject\.yaml:2: grpc\.tls: none\.pem cannot be read/,
      /none\.pem cannot/,
    ],
  ],
  ['a setting written twice', `${entry}\n${entry}`, [/^inject\.yaml:2: is not YAML/]],
  ['a text', 'tokens', [/^inject\.yaml:1: must be a mapping/]],
] as [string, string, (string | RegExp)[]][])
  test(`inject configuration – ${title}: told with line and key`, (t) => {
    const found = problems(text);
    t.is(found.length, expected.length, found.join('\n'));
    for (const [at, line] of expected.entries())
      if (typeof line === 'string') t.is(found[at], line);
      else t.regex(found[at] ?? '', line);
  });

test('inject configuration – weaker choices have a name and a warning', (t) => {
  const { warnings } = parseInject(
    'listen: {grpc: 0.0.0.0:9011}\nallowInsecureCallers: true\ntokens: [{hosts: ["**"], audience: a, file: a}]',
    'inject.yaml',
  );
  t.is(warnings.length, 2);
  t.regex(warnings[0] ?? '', /^allowInsecureCallers: /);
  t.regex(warnings[1] ?? '', /^tokens a: \*\* sends the token to any host name/);
});
