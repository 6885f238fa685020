import test from 'ava';
import { type HostPattern, type HostReading, parseHostPattern } from '../../src/core/policy/host.ts';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { type Entry, inject } from '../../src/inject/inject.ts';
import { Malformed } from '../../src/lib/malformed.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

function entry(name: string, hosts: readonly string[], more: Partial<Entry> = {}): Entry {
  return {
    name,
    hosts: hosts.map((host) => parseHostPattern(host) as HostPattern),
    overwrite: false,
    file: `/tokens/${name}`,
    token: () => `token-of-${name}`,
    ...more,
  };
}

const entries = [
  entry('orders', ['orders.*', 'orders.*.svc.cluster.local']),
  entry('forced', ['forced.example'], { overwrite: true }),
  entry('special', ['a.internal.example']),
  entry('internal', ['**.internal.example']),
  entry('gone', ['gone.example'], { token: () => new Malformed('cannot be read (ENOENT)') }),
  entry('address', ['10.0.0.1', '[::1]']),
];

function ask(
  host: string,
  headers: Record<string, string> = {},
  raw = false,
  reading: HostReading = { ignorePort: true, ignoreTrailingDot: true },
) {
  const request: CheckRequest = {
    attributes: {
      request: {
        http: {
          method: 'GET',
          path: '/',
          host,
          ...(raw
            ? {
                headerMap: {
                  headers: Object.entries(headers).map(([key, value]) => ({
                    key,
                    rawValue: Buffer.from(value),
                  })),
                },
              }
            : { headers }),
        },
      },
    },
  };
  return inject(evidenceOf(request), entries, reading, NOW);
}

for (const [host, name] of [
  ['orders.applications', 'orders'],
  ['ORDERS.Applications', 'orders'],
  ['orders.applications:8080', 'orders'],
  ['orders.applications.', 'orders'],
  ['orders.applications.:8080', 'orders'],
  ['orders.applications.svc.cluster.local', 'orders'],
  ['a.internal.example', 'special'],
  ['b.internal.example', 'internal'],
  ['c.b.internal.example', 'internal'],
  ['internal.example', 'internal'],
  ['10.0.0.1:80', 'address'],
  ['[::1]:80', 'address'],
] as const)
  test(`inject – ${host} gets the token of ${name}`, (t) => {
    t.deepEqual(ask(host), {
      effect: 'allow',
      reason: 'injected',
      token: `token-of-${name}`,
      entry: name,
    });
  });

for (const host of [
  'orders',
  'orders.applications.evil',
  'xorders.applications',
  'orders.evil.example',
  'orders-applications',
  'internal.example.evil',
  'xinternal.example',
  'orders.applications.svc.cluster.local.evil',
  '10.0.0.11',
  '[::2]',
])
  test(`inject – ${host} is another destination: untouched`, (t) => {
    t.deepEqual(ask(host), { effect: 'allow', reason: 'no_entry' });
  });

for (const host of [
  '',
  'orders..applications',
  '.orders.applications',
  'orders.applications@evil.example',
  'orders.applications:80@evil.example',
  'orders.applications/evil.example',
  'evil.example#orders.applications',
  'orders.applications,evil.example',
  'orders.applications evil.example',
  'orders.applications:80:80',
  'orders.applications:x',
  'orders.applications\r\nx: y',
  'orders.applications\0.evil.example',
  'orders.\u212aube',
  'orders.*',
  'orders%2eapplications',
  `orders.${'a'.repeat(300)}`,
])
  test(`inject – the host ${JSON.stringify(host).slice(0, 50)} is malformed: refused, without a token`, (t) => {
    const outcome = ask(host);
    t.like(outcome, { effect: 'deny', reason: 'request_malformed' });
    t.false('token' in outcome);
  });

for (const raw of [false, true])
  for (const value of ['Bearer own', 'Basic own', 'Bearer a,Bearer b', 'odd', ''])
    test(`inject – Authorization ${JSON.stringify(value)} in ${raw ? 'header_map' : 'headers'}: kept, or replaced where told`, (t) => {
      t.deepEqual(ask('orders.x', { authorization: value }, raw), {
        effect: 'allow',
        reason: 'authorization_present',
        entry: 'orders',
      });
      t.like(ask('forced.example', { authorization: value }, raw), {
        reason: 'injected',
        token: 'token-of-forced',
      });
      t.like(ask('other.example', { authorization: value }, raw), { reason: 'no_entry' });
    });

test('inject – an Authorization in capitals of header_map is one too', (t) => {
  t.like(ask('orders.x', { Authorization: 'Bearer own' }, true), { reason: 'authorization_present' });
});

test('inject – property names that every object inherits are not read as headers', (t) => {
  t.like(ask('orders.x', { 'proxy-authorization': 'Basic x', 'x-authorization': 'y' }), {
    reason: 'injected',
  });
});

test('inject – without a usable token the request is stopped, and the log learns which file', (t) => {
  t.deepEqual(ask('gone.example'), {
    effect: 'unavailable',
    reason: 'token_unavailable',
    detail: '/tokens/gone cannot be read (ENOENT)',
    entry: 'gone',
  });
});

test('inject – an Authorization of its own needs no file', (t) => {
  t.like(ask('gone.example', { authorization: 'Bearer own' }), { reason: 'authorization_present' });
});

test('inject – the token is asked for at the time of the request', (t) => {
  const asked: number[] = [];
  const timed = entry('timed', ['a'], {
    token: (now) => {
      asked.push(now);
      return 'x';
    },
  });
  const request: CheckRequest = { attributes: { request: { http: { host: 'a' } } } };
  inject(evidenceOf(request), [timed], {}, NOW);
  t.deepEqual(asked, [NOW]);
});

test('inject – a connection has no host: refused', (t) => {
  t.like(inject(evidenceOf({ attributes: {} }), entries, {}, NOW), {
    effect: 'deny',
    reason: 'request_malformed',
  });
});
