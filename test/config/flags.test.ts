import test from 'ava';
import { type Flags, loadFromFlags } from '../../src/config/flags.ts';
import { ConfigError } from '../../src/config/problem.ts';

const simplest: Flags = { issuer: 'https://login.example.com', audience: ['orders'] };

test('flags – issuer and audience are a configuration: every request, bound to its certificate', (t) => {
  const { config, warnings } = loadFromFlags(simplest);
  t.like(config.issuers.default, { issuer: 'https://login.example.com', audiences: ['orders'] });
  t.deepEqual(
    config.rules.map(({ name, public: isPublic, require }) => [name, isPublic, require]),
    [['default', undefined, undefined]],
  );
  t.deepEqual(warnings, []);
});

test('flags – trust domains, clients, bindings and addresses', (t) => {
  const { config, warnings } = loadFromFlags({
    ...simplest,
    audience: ['orders', 'billing'],
    'trust-domain': ['cluster.local', 'example.org'],
    client: ['shop=spiffe://cluster.local/ns/a/sa/b', 'shop=spiffe://cluster.local/ns/c/sa/d'],
    binding: 'certificate,none',
    'listen-grpc': '127.0.0.1:1',
    'listen-admin': '[::1]:2',
  });
  t.deepEqual(config.issuers.default?.audiences, ['orders', 'billing']);
  t.deepEqual(Object.keys(config.peers.trustDomains ?? {}), ['cluster.local', 'example.org']);
  t.deepEqual(
    config.clients.shop?.workloads.map(({ text }) => text),
    ['spiffe://cluster.local/ns/a/sa/b', 'spiffe://cluster.local/ns/c/sa/d'],
  );
  t.deepEqual(config.rules[0]?.require?.binding, ['certificate', 'none']);
  t.deepEqual(config.listen, { grpc: { host: '127.0.0.1', port: 1 }, admin: { host: '::1', port: 2 } });
  t.is(warnings.length, 1);
});

test('flags – a client ID may hold what YAML would read otherwise', (t) => {
  const { config } = loadFromFlags({ ...simplest, client: ['yes: no #1=spiffe://cluster.local/a'] });
  t.deepEqual(Object.keys(config.clients), ['yes: no #1']);
});

const wrong: [string, Flags, string, RegExp][] = [
  ['no audience', { issuer: 'https://a.example' }, '--audience', /at least one/],
  ['an issuer over http', { ...simplest, issuer: 'http://a.example' }, '--issuer', /must be https/],
  ['an issuer that is no URL', { ...simplest, issuer: 'a.example' }, '--issuer', /https URL/],
  ['a client without a workload', { ...simplest, client: ['shop'] }, '--client', /must be ID=SPIFFE-ID/],
  [
    'a client with a name that is no SPIFFE ID',
    { ...simplest, client: ['shop=x'] },
    '--client shop',
    /spiffe:/,
  ],
  ['an unknown binding', { ...simplest, binding: 'certificat' }, '--binding', /one of certificate/],
  [
    'the workload binding without a trust domain',
    { ...simplest, binding: 'workload' },
    '--binding',
    /needs --trust-domain/,
  ],
  [
    'a trust domain with a scheme',
    { ...simplest, 'trust-domain': ['spiffe://x'] },
    '--trust-domain spiffe://x',
    /must be a trust domain in lower case without spiffe:\/\//,
  ],
  [
    'an address without a host',
    { ...simplest, 'listen-grpc': '9001' },
    '--listen-grpc',
    /such as|use for example/,
  ],
  [
    'a file beside them',
    { ...simplest, config: 'peerproof.yaml' },
    '--config',
    /cannot be combined with --issuer/,
  ],
];
for (const [title, flags, key, message] of wrong)
  test(`flags – denies ${title}`, (t) => {
    const error = t.throws(() => loadFromFlags(flags), { instanceOf: ConfigError });
    t.deepEqual(
      error?.problems.map((problem) => problem.key),
      [key],
    );
    t.regex(error?.problems[0]?.message ?? '', message);
    t.is(error?.message.split(key, 1)[0], 'command line: ');
  });
