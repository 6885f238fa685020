import test from 'ava';
import { normalTarget, requestTarget } from '../../../src/core/binding/target.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

/** Two spellings of one address. */
const same: readonly (readonly [what: string, one: string, other: string])[] = [
  ['case of the scheme (RFC 3986 §6.2.2.1)', 'HTTPS://api.example.com/a', 'https://api.example.com/a'],
  ['case of the host (RFC 3986 §6.2.2.1)', 'https://API.example.COM/a', 'https://api.example.com/a'],
  ['the default port of https (RFC 3986 §6.2.3)', 'https://a.example:443/a', 'https://a.example/a'],
  ['the default port of http (RFC 3986 §6.2.3)', 'http://a.example:80/a', 'http://a.example/a'],
  ['an empty port (RFC 3986 §6.2.3)', 'https://a.example:/a', 'https://a.example/a'],
  ['an empty path (RFC 3986 §6.2.3)', 'https://a.example', 'https://a.example/'],
  ['a query (RFC 9449 §4.3)', 'https://a.example/a?b=c', 'https://a.example/a'],
  ['a fragment (RFC 9449 §4.3)', 'https://a.example/a#b', 'https://a.example/a'],
  ['a query without a path', 'https://a.example?b', 'https://a.example/'],
  [
    'an escape that is not needed (RFC 3986 §6.2.2.2)',
    'https://a.example/%7Eann/%61',
    'https://a.example/~ann/a',
  ],
  ['case of an escape (RFC 3986 §6.2.2.1)', 'https://a.example/%c3%a9', 'https://a.example/%C3%A9'],
  ['dot segments (RFC 3986 §6.2.2.3)', 'https://a.example/a/./b/../c', 'https://a.example/a/c'],
  ['escaped dot segments', 'https://a.example/a/%2e%2E/c', 'https://a.example/c'],
  ['a dot segment at the end', 'https://a.example/a/..', 'https://a.example/'],
  ['more dot segments than there are segments', 'https://a.example/../../a', 'https://a.example/a'],
  ['an IPv6 host', 'https://[2001:DB8::1]:443/', 'https://[2001:db8::1]'],
];
for (const [what, one, other] of same)
  test(`target – ${what} makes no difference`, (t) => {
    t.is(normalTarget(one), normalTarget(other));
    t.is(typeof normalTarget(one), 'string');
  });

const different: readonly (readonly [what: string, one: string, other: string])[] = [
  ['the scheme', 'http://a.example/a', 'https://a.example/a'],
  ['a port', 'https://a.example:8443/a', 'https://a.example/a'],
  ['the port of the other scheme', 'https://a.example:80/a', 'https://a.example/a'],
  ['a port that ends like the default one', 'https://a.example:8443/a', 'https://a.example:443/a'],
  ['a final dot', 'https://a.example./a', 'https://a.example/a'],
  ['case of the path', 'https://a.example/A', 'https://a.example/a'],
  ['a slash at the end', 'https://a.example/a/', 'https://a.example/a'],
  ['a double slash', 'https://a.example//a', 'https://a.example/a'],
  ['an escaped slash', 'https://a.example/a%2Fb', 'https://a.example/a/b'],
  ['an escaped plus', 'https://a.example/a%2Bb', 'https://a.example/a+b'],
  ['an escaped percent', 'https://a.example/%2541', 'https://a.example/A'],
  ['a parameter of a segment', 'https://a.example/a;b', 'https://a.example/a'],
];
for (const [what, one, other] of different)
  test(`target – ${what} makes a difference`, (t) => {
    t.not(normalTarget(one), normalTarget(other));
    t.is(typeof normalTarget(one), 'string');
  });

const malformed = [
  '',
  'orders.example.com/a',
  '/a',
  '//a.example/a',
  'ftp://a.example/a',
  'https:/a.example/a',
  'https:///a',
  'https://ann@a.example/a',
  'https://ann:secret@a.example/a',
  'https://a.example:x/a',
  'https://a.example:443:443/a',
  'https://a..example/a',
  'https://a.example\\@b.example/a',
  'https://a.example/ a',
  'https://a.example/a\n',
  'https://a.example/é',
  'https://é.example/a',
  'https://a.example/%',
  'https://a.example/%4',
  'https://a.example/%zz',
  ' https://a.example/a',
];
for (const text of malformed)
  test(`target – ${JSON.stringify(text)} is not an address`, (t) => {
    t.true(normalTarget(text) instanceof Malformed);
  });

test('target – agrees with the URL class where that does the same', (t) => {
  for (const [, one] of same.filter(([what]) => !/escape/.test(what))) {
    const url = new URL(one);
    url.search = '';
    url.hash = '';
    t.is(normalTarget(one), url.href);
  }
});

test('target – 60 KiB of anything take no longer than their length', (t) => {
  const length = 61_440;
  const floods = ['/', '/..', '/.', '%2e', '%2E%2e/', 'a', ':', '@', '.', '/%'].map((part) =>
    part.repeat(Math.ceil(length / part.length)),
  );
  const began = process.threadCpuUsage();
  for (const flood of floods)
    for (const text of [`https://${flood}`, `https://a.example/${flood}`, flood, `${flood}https://a`])
      normalTarget(text);
  const { user, system } = process.threadCpuUsage(began);
  t.true(user + system < 1_000_000, `${user + system} µs`);
});

test('target – a host of the caller does not reach into the path, and a path not into the host', (t) => {
  for (const [host, path] of [
    ['a.example?', '/admin'],
    ['a.example#', '/admin'],
    ['a.example/public', '/admin'],
    ['b@a.example', '/admin'],
    ['a.example', '.evil.example/admin'],
    ['a.example', ':443/admin'],
    ['a.example', '@evil.example/admin'],
    ['a.example', '?/admin'],
    ['a.example', ''],
    ['a.example', '*'],
  ] as const)
    t.true(requestTarget(undefined, { host, path }) instanceof Malformed, `${host} ${path}`);
  t.is(requestTarget(undefined, { host: 'A.example', path: '/a?b' }), 'https://a.example/a');
});

test('target – an origin may have a path of its own', (t) => {
  const asked = { host: 'orders.internal', path: '/a?b' };
  t.is(requestTarget('https://a.example/shop', asked), 'https://a.example/shop/a');
  t.true(requestTarget('https://a.example', { ...asked, path: '.evil/a' }) instanceof Malformed);
});
