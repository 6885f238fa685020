import test from 'ava';
import { Malformed } from '../../src/malformed.ts';
import { hostLabels } from '../../src/policy/host.ts';

for (const [host, labels] of [
  ['orders.example.com', ['orders', 'example', 'com']],
  ['ORDERS.Example.COM', ['orders', 'example', 'com']],
  ['orders.example.com:8443', ['orders', 'example', 'com']],
  ['orders.example.com.', ['orders', 'example', 'com']],
  ['orders.example.com.:443', ['orders', 'example', 'com']],
  ['orders', ['orders']],
  ['a', ['a']],
  ['orders.ns.svc.cluster.local:80', ['orders', 'ns', 'svc', 'cluster', 'local']],
  ['my_service-1.ns', ['my_service-1', 'ns']],
  ['_dmarc.example.com', ['_dmarc', 'example', 'com']],
  ['xn--exmple-cua.com', ['xn--exmple-cua', 'com']],
  ['10.0.0.1:8080', ['10', '0', '0', '1']],
  ['[::1]', ['[::1]']],
  ['[::1]:8080', ['[::1]']],
  ['[2001:DB8::A]', ['[2001:db8::a]']],
  ['[::ffff:10.0.0.1]:80', ['[::ffff:10.0.0.1]']],
  ['a'.repeat(260), ['a'.repeat(260)]],
] as const)
  test(`host – ${host.slice(0, 40)} is ${labels.length} label(s), without case and port (design: rules)`, (t) => {
    t.deepEqual(hostLabels(host), labels as unknown as string[]);
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
    t.deepEqual(hostLabels(host), new Malformed('not a host name'));
  });

for (const host of ['\u212aube.example.com', '\u212Aubernetes', 'a.\u0130b'])
  test(`host – refuses ${encodeURIComponent(host)}, which lower case would bring into ASCII (attacks 12: read differently)`, (t) => {
    t.deepEqual(hostLabels(host), new Malformed('not a host name'));
  });

for (const length of [261, 10_000, 1_000_000])
  test(`host – refuses ${length} characters (design: everything is bounded)`, (t) => {
    t.deepEqual(hostLabels('a'.repeat(length)), new Malformed('longer than a host name can be'));
  });
