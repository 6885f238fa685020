import test from 'ava';
import { normalizePath } from '../../../src/core/policy/path.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

for (const [target, text, segments] of [
  ['/', '/', []],
  ['/?', '/', []],
  ['/a', '/a', ['a']],
  ['/a/', '/a', ['a']],
  ['/a/b/c', '/a/b/c', ['a', 'b', 'c']],
  ['/A/b', '/A/b', ['A', 'b']],
  ['/a?x=/../b', '/a', ['a']],
  ['/a/?x', '/a', ['a']],
  ['/a?', '/a', ['a']],
  ['/a?b?c#d', '/a', ['a']],
  ['/a?%zz%00\\;', '/a', ['a']],
  ['/%61%62', '/ab', ['ab']],
  ['/%41%5a%30%39%2D%2e%5F%7e', '/AZ09-._~', ['AZ09-._~']],
  ['/%70ath', '/path', ['path']],
  ['/a%2Eb', '/a.b', ['a.b']],
  ['/...', '/...', ['...']],
  ['/.a/b./..c', '/.a/b./..c', ['.a', 'b.', '..c']],
  ['/a%20b', '/a%20b', ['a%20b']],
  ['/%c3%a9', '/%C3%A9', ['%C3%A9']],
  ['/%f0%9f%98%80', '/%F0%9F%98%80', ['%F0%9F%98%80']],
  ['/100%25', '/100%25', ['100%25']],
  ['/100%25/x', '/100%25/x', ['100%25', 'x']],
  ['/50%25%20off', '/50%25%20off', ['50%25%20off']],
  ['/%25zz', '/%25zz', ['%25zz']],
  ["/-._~!$&'()*+,=:@", "/-._~!$&'()*+,=:@", ["-._~!$&'()*+,=:@"]],
  ['/*', '/*', ['*']],
  ['/**', '/**', ['**']],
  [`/${'a'.repeat(8191)}`, `/${'a'.repeat(8191)}`, ['a'.repeat(8191)]],
  ['/a'.repeat(128), '/a'.repeat(128), Array(128).fill('a')],
  [`${'/a'.repeat(128)}/`, '/a'.repeat(128), Array(128).fill('a')],
  [`/a?${'x'.repeat(100_000)}`, '/a', ['a']],
] as const)
  test(`path – ${target.slice(0, 40)} of ${target.length} reads as ${text.slice(0, 40)} (RFC 3986 §6.2.2)`, (t) => {
    t.deepEqual(normalizePath(target), { text, segments } as { text: string; segments: string[] });
  });

/** For titles: every sign visible. */
const shown = (text: string) =>
  JSON.stringify(text.slice(0, 40)).replace(/[^!-~ ]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);

const noSlash = 'no leading slash';
const sign = 'a character that is not allowed in a path, or that readers interpret differently';
const empty = 'an empty segment';
const dot = 'a dot segment';
const broken = 'a broken escape';
const escaped = 'an escaped delimiter or control, or a doubled escape';
const utf8 = 'escapes that are not UTF-8';
const refused: Record<string, readonly string[]> = {
  [noSlash]: [
    '',
    'a',
    'a/b',
    '*',
    '?',
    '?/a',
    '#/a',
    'http://orders.example.com/a',
    'https://x/',
    'orders.example.com:443',
    '%2Fa',
    ' /a',
    '\\a',
    './a',
    '../a',
    '\0/a',
  ],
  [empty]: [
    '//',
    '///',
    '//a',
    '//admin/x',
    '/a//b',
    '/a//',
    '/a///',
    '//?x',
    '/a/b//?x',
    '//orders.example.com/a',
  ],
  [dot]: [
    ...[
      '/.',
      '/..',
      '/./',
      '/../',
      '/./a',
      '/../a',
      '/a/./b',
      '/a/../b',
      '/a/..',
      '/a/.',
      '/a/../../b',
      '/a/..?x',
    ],
    ...['/%2e', '/%2E%2E', '/a/%2e%2e/b', '/a/.%2e/b', '/a/%2E./b', '/a/%2e/b', '/public/%2e%2e/admin'],
  ],
  [sign]: [
    ...['/a;', '/a;x', '/a;x=1/b', '/a/..;/b', '/;/a', '/a;jsessionid=1?x'],
    ...['/a#', '/a#b', '/#', '/a#b?c', '/a#/../b', '/public#/../admin'],
    ...['/\\', '/a\\b', '/a\\..\\b', '/a/..\\b', '\\/a'.replace('\\', '/\\')],
    ...['/a b', '/a\tb', '/a\nb', '/a\r\nb', '/a\0', '/a\0.html', '/a\x7f', '/\x1b[31m'],
    ...['/é', '/a\u00a0b', '/\u2215a', '/\uff0fa', '/\uff0e\uff0e/a', '/a\u200b', '/\ud800', '/😀'],
    ...['/a"b', '/a<b', '/a>b', '/a[b', '/a]b', '/a^b', '/a`b', '/a{b', '/a|b', '/a}b'],
  ],
  [broken]: [
    '/%',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a%g0',
    '/a%0g',
    '/%%',
    '/%%32f',
    '/%u002f',
    '/%u2215',
    '/a%/b',
    '/a%2/b',
    '/%x2f',
    '/%+2f',
    '/a%?20',
  ],
  [escaped]: [
    ...['/a%2Fb', '/a%2fb', '/%2F', '/%2f/a', '/a/..%2fb', '/a/%2e%2e%2fb', '/a%2F', '/%2F%2Fa'],
    ...['/a%5cb', '/a%5Cb', '/%5c', '/a/..%5cb', '/%5C%5Ca'],
    ...['/a%3bb', '/a%3Bx=1', '/a/..%3b/b'],
    ...['/a%00', '/%00', '/a%00.html', '/a%0a', '/a%0D%0Ab', '/a%09', '/a%1b', '/a%1F', '/a%7f', '/a%7Fb'],
    ...[
      '/a%252fb',
      '/a%252Fb',
      '/%252e%252e/a',
      '/a%255cb',
      '/a%2500',
      '/a%2541',
      '/%25252f',
      '/a%253b',
      '/a%25ff',
    ],
  ],
  [utf8]: [
    '/%c0%ae',
    '/%c0%ae%c0%ae/a',
    '/%c0%af',
    '/%e0%80%af',
    '/%f0%80%80%af',
    '/%c1%9c',
    '/%ff',
    '/%fe',
    '/%80',
    '/%c3',
    '/%c3a',
    '/%c3%28',
    '/%ed%a0%80',
    '/%f4%90%80%80',
    '/%f8%88%80%80%80',
  ],
  'longer than 8192 characters': [
    `/${'a'.repeat(8192)}`,
    `/${'a'.repeat(1_000_000)}`,
    `/${'%41'.repeat(3_000)}`,
  ],
  'more than 128 segments': ['/a'.repeat(129), '/'.repeat(200)],
};
for (const [why, targets] of Object.entries(refused))
  for (const target of targets)
    test(`path – refuses ${shown(target)} of ${target.length}: ${why} (attacks 12)`, (t) => {
      t.deepEqual(normalizePath(target), new Malformed(why));
    });

/** All 128 signs, raw and escaped, at a place within a segment. */
test('path – each ASCII sign within a segment is read, ends the path, or is refused (RFC 3986 §3.3, attacks 12)', (t) => {
  const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@";
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code);
    const path = normalizePath(`/a${character}b`);
    const name = `sign ${code}`;
    if (plain.includes(character))
      t.deepEqual(path, { text: `/a${character}b`, segments: [`a${character}b`] }, name);
    else if (character === '/') t.deepEqual(path, { text: '/a/b', segments: ['a', 'b'] });
    else if (character === '?') t.deepEqual(path, { text: '/a', segments: ['a'] });
    else t.deepEqual(path, new Malformed(character === '%' ? broken : sign), name);
  }
});
