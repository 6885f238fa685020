import { readFileSync } from 'node:fs';
import test from 'ava';
import { readHeldToken } from '../../src/inject/held-token.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { createSigner, type SignerAlgorithm } from '../support/jwt-signer.ts';
import { mint } from './token-files.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const token = mint({}, NOW);

for (const tail of ['', '\n', '\r\n', ' \n\n'])
  test(`file – a token with ${JSON.stringify(tail)} behind it`, (t) => {
    t.deepEqual(readHeldToken(token + tail, 'orders', NOW), { text: token, expiresAt: NOW + 3_600_000 });
  });

for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const satisfies SignerAlgorithm[])
  for (const cut of [1, 4, 8, 40])
    test(`file – a token of ${algorithm} is whole, and not without its last ${cut} characters`, (t) => {
      const whole = createSigner(algorithm).sign({ aud: 'orders' });
      t.deepEqual(readHeldToken(whole, 'orders', NOW), {
        text: whole,
        expiresAt: Number.POSITIVE_INFINITY,
      });
      t.true(readHeldToken(whole.slice(0, -cut), 'orders', NOW) instanceof Malformed);
    });

test('file – no beginning of a token is taken for one', (t) => {
  for (let length = 0; length < token.length; length++)
    t.true(readHeldToken(token.slice(0, length), 'orders', NOW) instanceof Malformed, `${length}`);
});

test('file – a JWT-SVID of SPIRE, which has its audience in a list', (t) => {
  const svid = readFileSync(new URL('../fixtures/spire-tokens/oauthclient.jwt', import.meta.url), 'utf8');
  t.like(readHeldToken(svid, 'https://as.example.com', 1_795_361_465_000), { expiresAt: 1_795_361_765_000 });
  t.true(readHeldToken(svid, 'orders', 1_795_361_465_000) instanceof Malformed);
});

const wrong: [title: string, content: string, why: RegExp][] = [
  ['nothing', '', /is empty/],
  ['only white space', ' \n', /is empty/],
  ['white space before', ` ${token}`, /does not hold a token/],
  ['a scheme', `Bearer ${token}`, /does not hold a token/],
  ['two lines', `${token}\n${token}`, /does not hold a token/],
  ['a line that injects a header', `${token}\r\nx-admin: 1`, /does not hold a token/],
  ['a NUL', `${token}\0`, /does not hold a token/],
  ['bytes that are not ASCII', `${token}\xff`, /does not hold a token/],
  ['a byte order mark', `\xef\xbb\xbf${token}`, /does not hold a token/],
  ['a PEM', '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n', /does not hold a token/],
  ['an opaque token', 'abc123', /does not hold a complete JWT/],
  ['no signature', `${token.slice(0, token.lastIndexOf('.'))}.`, /does not hold a complete JWT/],
  [
    'a token for another audience',
    mint({ aud: ['payments'] }, NOW),
    /without the audience "orders" in its aud/,
  ],
  [
    'a token for an audience that begins alike',
    mint({ aud: 'orders-admin' }, NOW),
    /without the audience "orders"/,
  ],
  ['a token without an audience', mint({ aud: undefined }, NOW), /without the audience "orders"/],
  ['an audience of another type', mint({ aud: { orders: 1 } }, NOW), /without the audience "orders"/],
  ['an expired token', mint({ exp: NOW / 1000 }, NOW), /expired at 2026-11-22T12:00:00/],
  ['an exp that is a text', mint({ exp: '9999999999' }, NOW), /exp is not a number/],
];
for (const [title, content, why] of wrong)
  test(`file – ${title}: unusable, and the content is not quoted`, (t) => {
    const read = readHeldToken(content, 'orders', NOW);
    t.true(read instanceof Malformed);
    t.regex((read as Malformed).why, why);
    for (const part of content.split(/[.\s]/).filter((each) => each.length > 8))
      t.false((read as Malformed).why.includes(part));
  });
