import test from 'ava';
import { headerValue } from '../../../src/core/identity/header-value.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const encoded: [string, string, string][] = [
  ['plain text', 'alice', 'alice'],
  ['an e-mail address', 'alice+orders@example.com', 'alice+orders@example.com'],
  ['a SPIFFE ID', 'spiffe://cluster.local/ns/a/sa/b', 'spiffe://cluster.local/ns/a/sa/b'],
  ['all of printable ASCII but %', '!"#$&\'()*+,-./:;<=>?@[\\]^_`{|}~', '!"#$&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
  ['percent', '100%', '100%25'],
  ['something that looks encoded', '%61lice', '%2561lice'],
  ['CR and LF', 'a\r\nx-auth-request-user: root', 'a%0D%0Ax-auth-request-user: root'],
  ['NUL', 'a\0b', 'a%00b'],
  ['tab', 'a\tb', 'a%09b'],
  ['DEL', 'a\x7fb', 'a%7Fb'],
  ['escape', '\x1b[31m', '%1B[31m'],
  ['C1 controls', '\u0085\u009b', '%C2%85%C2%9B'],
  ['Latin-1', 'José', 'Jos%C3%A9'],
  ['Chinese', '李', '%E6%9D%8E'],
  ['an emoji', '😀', '%F0%9F%98%80'],
  ['an override of direction', 'a\u202eb', 'a%E2%80%AEb'],
  ['a line separator', 'a\u2028b', 'a%E2%80%A8b'],
  ['a space inside', 'Alice Smith', 'Alice Smith'],
  ['spaces at the ends', '  alice ', '%20%20alice%20'],
  ['nothing but spaces', '   ', '%20%20%20'],
  ['nothing', '', ''],
];
for (const [title, value, expected] of encoded)
  test(`header value – encodes ${title} (RFC 3986 §2.1, RFC 9110 §5.5)`, (t) => {
    t.is(headerValue([value]), expected);
    t.is(decodeURIComponent(expected), value);
  });

test('header value – the separator inside a member is encoded, so that one cannot pass for two', (t) => {
  t.is(headerValue(['staff,admin', 'b'], ','), 'staff%2Cadmin,b');
  t.is(headerValue(['staff%2Cadmin'], ','), 'staff%252Cadmin');
  t.is(headerValue(['read write', 'c'], ' '), 'read%20write c');
  t.is(headerValue(['a b', 'c'], ','), 'a b,c');
  t.is(headerValue(['a,b', 'c'], ' '), 'a,b c');
  t.is(headerValue([' a', 'b '], ','), '%20a,b%20');
});

/** What may stand in a header (RFC 9110 §5.5) without surprising anyone. */
const safe = /^(?:[!-~](?:[ -~]*[!-~])?)?$/;

test('header value – comes back whole, whatever the issuer signed (2,000 random texts)', (t) => {
  const random = seededRandom(11);
  const seen = new Map<string, string>();
  for (let time = 0; time < 2_000; time++) {
    const value = random.text(20);
    const header = headerValue([value]) ?? t.fail('absent');
    t.regex(String(header), safe);
    t.is(decodeURIComponent(String(header)), value);
    t.is(seen.get(String(header)) ?? value, value);
    seen.set(String(header), value);
  }
  t.true(seen.size > 1_500);
});

for (const separator of [',', ' '] as const)
  test(`header value – a list joined by ${JSON.stringify(separator)} comes back whole (1,000 random lists)`, (t) => {
    const random = seededRandom(12);
    for (let time = 0; time < 1_000; time++) {
      const values = Array.from({ length: 1 + random.integer(5) }, () => `x${random.text(10)}`);
      const header = String(headerValue(values, separator));
      t.regex(header, safe);
      t.deepEqual(header.split(separator).map(decodeURIComponent), values);
    }
  });

test('header value – two texts never give the same header, even with lone surrogates', (t) => {
  const texts = ['\ud800', '\ud801', '\udc00', '\ufffd'];
  const headers = texts.map((text) => headerValue([text])).filter((header) => header !== undefined);
  t.is(new Set(headers).size, headers.length);
});

test('header value – 8,192 characters are the most; more are left out and never cut', (t) => {
  t.is(headerValue(['x'.repeat(8_192)])?.length, 8_192);
  t.is(headerValue(['x'.repeat(8_193)]), undefined);
  t.is(headerValue(['é'.repeat(1_365)])?.length, 8_190);
  t.is(headerValue(['é'.repeat(1_366)]), undefined);
  t.is(headerValue(Array(4_097).fill('x'), ','), undefined);
});
