import test from 'ava';
import {
  hostText,
  matchesHost,
  parseHost,
  parseHostPattern,
  possibleHosts,
} from '../../../src/core/policy/host.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { seededRandom } from '../../support/seeded-random.ts';

for (const [host, labels, tail = ''] of [
  ['orders.example.com', ['orders', 'example', 'com']],
  ['ORDERS.Example.COM', ['orders', 'example', 'com']],
  ['orders.example.com:8443', ['orders', 'example', 'com'], ':8443'],
  ['orders.example.com.', ['orders', 'example', 'com'], '.'],
  ['orders.example.com.:443', ['orders', 'example', 'com'], '.:443'],
  ['orders', ['orders']],
  ['a', ['a']],
  ['orders.ns.svc.cluster.local:80', ['orders', 'ns', 'svc', 'cluster', 'local'], ':80'],
  ['my_service-1.ns', ['my_service-1', 'ns']],
  ['_dmarc.example.com', ['_dmarc', 'example', 'com']],
  ['xn--exmple-cua.com', ['xn--exmple-cua', 'com']],
  ['10.0.0.1:8080', ['10', '0', '0', '1'], ':8080'],
  ['[::1]', ['[::1]']],
  ['[::1]:8080', ['[::1]'], ':8080'],
  ['[2001:DB8::A]', ['[2001:db8::a]']],
  ['[::ffff:10.0.0.1]:80', ['[::ffff:10.0.0.1]'], ':80'],
  ['a'.repeat(260), ['a'.repeat(260)]],
] as const)
  test(`host – ${host.slice(0, 40)} is ${labels.length} label(s) and the tail "${tail}", without case (attacks 20)`, (t) => {
    t.deepEqual(parseHost(host), { labels: [...labels], tail });
  });

for (const host of [
  ...['', '.', ':80', '.:80', '..', 'a..b', '.a', 'a..', 'a..:80'],
  ...['a:', 'a:x', 'a:123456', 'a:80:80', 'a: 80', 'a:-1', 'a:8080.b'],
  ...['user@orders.example.com', 'user:secret@orders.example.com', 'orders.example.com@evil'],
  ...[
    'orders.example.com/a',
    'orders.example.com?a',
    'orders.example.com#a',
    'orders.example.com\\a',
    'http://orders.example.com',
  ],
  ...[
    'orders.example.com,evil',
    'orders.example.com evil',
    ' orders',
    'orders ',
    'orders\t',
    'orders\n',
    'orders\r\nx: y',
    'orders\0',
    'orders\0.evil',
  ],
  ...['*', '*.example.com', '**', 'orders.*'],
  ...['orders%2eexample', 'exämple.com', 'orders\u3002example', 'orders\u200b'],
  ...[
    '::1',
    '[::1',
    '::1]',
    '[]',
    '[::1]x',
    '[::1]:',
    '[::1]:x',
    '[fe80::1%25eth0]',
    '[orders]',
    '[::1].a',
    'a.[::1]',
  ],
  ...[
    '-a',
    'a;b',
    'a=b',
    "a'b",
    'a"b',
    'a(b)',
    'a+b',
    'a|b',
    'a<b',
    'a{b}',
    'a`b',
    'a^b',
    'a~b',
    'a!b',
    'a$b',
    'a&b',
  ],
])
  test(`host – refuses ${JSON.stringify(host)} (attacks 12)`, (t) => {
    t.deepEqual(parseHost(host), new Malformed('not a host name'));
  });

for (const host of ['\u212aube.example.com', '\u212Aubernetes', 'a.\u0130b'])
  test(`host – refuses ${encodeURIComponent(host)}, which lower case would bring into ASCII (attacks 12: read differently)`, (t) => {
    t.deepEqual(parseHost(host), new Malformed('not a host name'));
  });

for (const length of [261, 10_000, 1_000_000])
  test(`host – refuses ${length} characters`, (t) => {
    t.deepEqual(parseHost('a'.repeat(length)), new Malformed('longer than a host name can be'));
  });

for (const [pattern, labels, tail] of [
  ['orders.*', ['orders', '*'], ''],
  ['**.Example.com', ['**', 'example', 'com'], ''],
  ['status.example.com:8443', ['status', 'example', 'com'], ':8443'],
  ['status.*:8443', ['status', '*'], ':8443'],
  ['status.example.com.', ['status', 'example', 'com'], '.'],
  ['status.**.:80', ['status', '**'], '.:80'],
  ['[::1]:80', ['[::1]'], ':80'],
] as const)
  test(`host – the pattern ${pattern} names labels and the tail "${tail}" (attacks 20)`, (t) => {
    t.deepEqual(parseHostPattern(pattern), { labels: [...labels], tail });
  });

for (const pattern of [
  'a:0',
  'a:080',
  'a:65536',
  'a:99999',
  'a:*',
  'a:',
  'a*',
  '*a.b',
  '**.**',
  'a..b',
  'a b',
  '',
])
  test(`host – refuses the pattern ${JSON.stringify(pattern)}`, (t) => {
    t.true(parseHostPattern(pattern) instanceof Malformed);
  });

test('host – a wildcard stands for labels, never for a port or a final dot (attacks 20)', (t) => {
  const covers = (pattern: string, host: string) =>
    matchesHost(parseHostPattern(pattern) as never, parseHost(host) as never);
  t.true(covers('**', 'a.b'));
  for (const host of ['a.b:80', 'a.b.', 'a.b.:80']) {
    t.false(covers('**', host), host);
    t.false(covers('a.*', host), host);
  }
  t.true(covers('a.*:80', 'A.b:80'));
  t.false(covers('a.*:80', 'a.b'));
  t.false(covers('a.*:80', 'a.b:8080'));
  t.false(covers('a.*:80', 'a.b.:80'));
});

const readings = [
  ['a:80', {}, ['a:80', 'a']],
  ['a.:80', {}, ['a.:80', 'a.', 'a:80', 'a']],
  ['a.:80', { ignorePort: true }, ['a.', 'a']],
  ['a.:80', { ignoreTrailingDot: true }, ['a:80', 'a']],
  ['a.:80', { ignorePort: true, ignoreTrailingDot: true }, ['a']],
  ['a.:80', { ignorePort: false, ignoreTrailingDot: false }, ['a.:80']],
  ['a:80', { ignorePort: false }, ['a:80']],
  ['a.', { ignorePort: true }, ['a.', 'a']],
  ['a', {}, ['a']],
] as const;
for (const [host, reading, texts] of readings)
  test(`host – ${host} may be ${texts.join(' or ')} to a proxy with ${JSON.stringify(reading)}`, (t) => {
    t.deepEqual(possibleHosts(parseHost(host) as never, reading).map(hostText), [...texts]);
  });

test('host – a name is read in the same way with a port and without one: 20,000 random names, seed 12', (t) => {
  const random = seededRandom(12);
  let hosts = 0;
  for (let n = 0; n < 20_000; n++) {
    const letters = Array.from({ length: random.integer(9) }, () => random.pick([...'ab0_-.']));
    const name = letters.join('');
    const [plain, withPort] = [parseHost(name), parseHost(`${name}:80`)];
    if (plain instanceof Malformed || withPort instanceof Malformed) {
      if (plain instanceof Malformed && withPort instanceof Malformed) continue;
      return t.fail(name);
    }
    hosts++;
    if (withPort.tail !== `${plain.tail}:80` || withPort.labels.join() !== plain.labels.join())
      return t.fail(name);
  }
  t.true(hosts > 1_000, `${hosts} names are hosts`);
});
