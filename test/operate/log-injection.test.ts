import test from 'ava';
import type { Presented } from '../support/check-world.ts';
import type { Claims } from '../support/jwt-signer.ts';
import { logLineOf } from '../support/log-lines.ts';
import { corp, shop, world } from '../support/orders-world.ts';
import { goodClaims } from '../support/token-fixture.ts';

const payloads: [string, string][] = [
  ['newline', 'a\n{"level":30,"effect":"allow"}'],
  ['carriage return', 'a\rb'],
  ['ANSI colours', '\x1b[2J\x1b[31mallowed'],
  ['NUL and bell', 'a\0\x07b'],
  ['DEL', 'a\x7fb'],
  ['C1 control sequence introducer', 'a\u009b31mb'],
  ['override of direction', 'a\u202etxt.exe'],
  ['isolate of direction', 'a\u2066b\u2069'],
  ['marks of direction', 'a\u200eb\u200fc\u061cd'],
  ['line separators', 'a\u2028b\u2029c'],
  ['quotes and backslashes', 'a"b\\c'],
  ['a lone surrogate', 'a\ud800b'],
];
const signed = (claims: Claims, header: Claims = {}): Presented => ({
  path: '/orders/7',
  certificate: shop,
  token: corp.sign(goodClaims({ cnf: { 'x5t#S256': shop.thumbprint }, ...claims }), header),
});
/** Places where a caller, or a person who chooses names at an issuer, can put text. */
const places: [string, (text: string) => Presented][] = [
  ['the path', (text) => ({ path: `/orders/${text}` })],
  ['the host', (text) => ({ host: text })],
  ['the method', (text) => ({ method: text })],
  ['the request ID', (text) => ({ headers: { 'x-request-id': text } })],
  ['the trace', (text) => ({ headers: { traceparent: text, b3: text } })],
  ['the user agent', (text) => ({ headers: { 'user-agent': text } })],
  ['XFCC', (text) => ({ path: '/orders/7', headers: { 'x-forwarded-client-cert': text } })],
  ['the principal', (text) => ({ path: '/orders/7', principal: `spiffe://${text}` })],
  ['the subject', (text) => signed({ sub: text })],
  ['the client', (text) => signed({ client_id: text })],
  ['the scopes', (text) => signed({ scp: [text, 'b'] })],
  ['the audience', (text) => signed({ aud: text })],
  ['the issuer of an unverified token', (text) => signed({ iss: text })],
  ['the kid of an unverified token', (text) => signed({}, { kid: text })],
  ['the alg of an unverified token', (text) => signed({}, { alg: text })],
  ['the typ', (text) => signed({}, { typ: text })],
  ['the name of a proof', (text) => signed({ cnf: { [text]: 1 } })],
];
for (const [place, present] of places)
  for (const [kind, text] of payloads)
    test(`decision log – ${kind} in ${place} is one line without control sequences of a terminal`, async (t) => {
      const { line } = await logLineOf(world, present(text));
      t.is(line.indexOf('\n'), line.length - 1);
      t.notRegex(line.slice(0, -1), /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      t.true(line.isWellFormed());
    });

const long = 'x'.repeat(5_000);
for (const [place, present] of places)
  test(`decision log – 5,000 characters in ${place} are cut: the line stays short`, async (t) => {
    const { line } = await logLineOf(world, present(long));
    t.true(line.length < 4_000, `${line.length} characters`);
    t.false(line.includes('x'.repeat(600)));
  });

test('decision log – a thousand scopes are cut too', async (t) => {
  const scope = Array.from({ length: 1_000 }, (_, number) => `scope-${number}`).join(' ');
  const { line } = await logLineOf(world, signed({ scope }));
  t.true(line.length < 4_000, `${line.length} characters`);
});
