import test from 'ava';
import { parseJws } from '../../../src/core/token/jws.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { assembleJwt, createSigner, encodePart } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims, ISSUER, NOW_SECONDS } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createTokenWorld([signer]);
const good = signer.sign(goodClaims());
const [head = '', body = '', signature = ''] = good.split('.');
const header = { alg: 'ES256', kid: signer.kid };

const parts: [string, string][] = [
  ['one part', head],
  ['two parts', `${head}.${body}`],
  ['an empty signature', `${head}.${body}.`],
  ['an empty header', `.${body}.${signature}`],
  ['an empty payload', `${head}..${signature}`],
  ['a trailing dot', `${good}.`],
  ['a leading dot', `.${good}`],
  ['four parts', `${good}.${signature}`],
  ['five parts, as a JWE (RFC 7516 §3)', `${head}.${body}.${signature}.${body}.${signature}`],
  ['dots alone', '..'],
  ['opaque', 'mF_9.B5f-4.1JqM'],
  ['padding in the signature', `${good}==`],
  ['standard base64 in the signature', `${head}.${body}.${signature.slice(0, -4)}+/+A`],
  ['tilde, legal in token68 only', `${head}.${body}.~~~~`],
];
for (const [title, token] of parts)
  test(`shape – denies a token with ${title} (RFC 7515 §5.2)`, async (t) => {
    isRefused(t, await world.check({ token }), 'token_malformed');
  });

/** All spellings of 64 bytes that decoders accept: the last character has four spare bits. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
test('shape – of all last characters with the same meaning only the canonical one passes (RFC 4648 §3.5)', async (t) => {
  const last = signature.at(-1) ?? '';
  const same = [...alphabet].filter((one) => alphabet.indexOf(one) >> 4 === alphabet.indexOf(last) >> 4);
  t.is(same.length, 16);
  for (const one of same) {
    const token = `${head}.${body}.${signature.slice(0, -1)}${one}`;
    if (one === last) isAllowed(t, await world.check({ token }));
    else isRefused(t, await world.check({ token }), 'token_malformed', { title: one });
  }
});

const segments: [string, string][] = [
  ['padding in the payload', `${body}=`],
  ['padding in the middle', `${body.slice(0, 8)}==${body.slice(8)}`],
  ['a length of 4n+1', `${body}${'A'.repeat((5 - (body.length % 4)) % 4)}`],
  ['whitespace', `${body.slice(0, 8)} ${body.slice(8)}`],
  ['a newline', `${body.slice(0, 8)}\n${body.slice(8)}`],
  ['a percent escape', `${body}%3D`],
  ['NUL', `${body}\0`],
];
for (const [title, segment] of segments)
  test(`shape – the parser refuses ${title} (RFC 7515 §2)`, (t) => {
    t.true(parseJws(`${head}.${segment}.${signature}`) instanceof Malformed);
  });

const sign = (payload: Buffer | string, headerText: Buffer | string = JSON.stringify(header)): string => {
  const input = `${Buffer.from(headerText).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  return `${input}.${signer.signature(input).toString('base64url')}`;
};
const text = JSON.stringify(goodClaims());
const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const contents: [string, string][] = [
  ['a payload that is no JSON', sign('iss=me')],
  ['an empty object cut short', sign('{')],
  ['a list as payload', sign(`[${text}]`)],
  ['null as payload', sign('null')],
  ['a string as payload', sign(JSON.stringify(text))],
  ['a number as payload', sign('1')],
  ['text behind the payload', sign(`${text}x`)],
  ['a second payload', sign(`${text}${text}`)],
  ['a byte order mark', sign(`\ufeff${text}`)],
  ['a comment', sign(`${text.slice(0, -1)}/* */}`)],
  ['a trailing comma', sign(`${text.slice(0, -1)},}`)],
  ['a raw newline in a string', sign(text.replace('alice', 'ali\nce'))],
  ['invalid UTF-8', sign(Buffer.concat([Buffer.from('{"sub":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]))],
  [
    'overlong UTF-8',
    sign(Buffer.concat([Buffer.from('{"sub":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')])),
  ],
  ['a surrogate in UTF-8', sign(Buffer.from('{"sub":"\u00ed\u00a0\u0080"}', 'latin1'))],
  ['UTF-16', sign(Buffer.from(text, 'utf16le'))],
  ['a list as header', sign(text, '[]')],
  ['null as header', sign(text, 'null')],
  [
    'invalid UTF-8 in the header',
    sign(text, Buffer.concat([Buffer.from('{"kid":"'), Buffer.of(0xff), Buffer.from('"}')])),
  ],
  ['a payload 33 deep', sign(nested(32))],
  ['a payload 6,000 deep', sign(nested(6_000))],
  ['a header 33 deep', sign(text, nested(32))],
];
for (const [title, token] of contents)
  test(`shape – denies ${title}, though it is signed (RFC 7519 §7.2)`, async (t) => {
    isRefused(t, await world.check({ token }), 'token_malformed');
  });

test('shape – 32 levels are enough and allowed', async (t) => {
  const token = signer.sign(goodClaims({ deep: JSON.parse(`${'['.repeat(31)}${']'.repeat(31)}`) }));
  isAllowed(t, await world.check({ token }));
});

for (const [title, bytes] of [
  ['64 KB', 65_536],
  ['1 MB', 1_048_576],
] as const)
  test(`size – denies a token of ${title} before it is looked at`, async (t) => {
    const token = signer.sign(goodClaims({ filler: 'x'.repeat(bytes) }));
    isRefused(t, await world.check({ token }), 'token_too_large');
    isRefused(t, await world.check({ token: 'a'.repeat(bytes) }), 'token_too_large');
  });

test('size – 8 KB pass; the limit is exact and can be set', async (t) => {
  const token = signer.sign(goodClaims({ filler: 'x'.repeat(6_000) }));
  t.true(token.length > 8_000);
  isAllowed(t, await world.check({ token }));
  const exact = await createTokenWorld([signer], {}, { limits: { tokenLength: token.length } });
  isAllowed(t, await exact.check({ token }));
  const below = await createTokenWorld([signer], {}, { limits: { tokenLength: token.length - 1 } });
  isRefused(t, await below.check({ token }), 'token_too_large');
});

test('size – a depth of 100,000 costs no stack where the limit lets it in', (t) => {
  const token = `${head}.${encodePart(nested(100_000))}.${signature}`;
  t.true(parseJws(token) instanceof Malformed);
});

test('claims – the last of two members of one name counts (RFC 7519 §4)', async (t) => {
  const token = sign(`{"sub":"mallory",${text.slice(1, -1)},"sub":"bob"}`);
  const answer = await world.check({ token });
  isAllowed(t, answer);
  t.is(answer.decision.found.token?.subject, 'bob');
  const other = sign(`${text.slice(0, -1)},"iss":"https://other.example"}`);
  isRefused(t, await world.check({ token: other }), 'token_issuer_unknown');
});

test('claims – __proto__ and constructor add nothing (CVE class: prototype pollution)', async (t) => {
  const lacking = JSON.stringify({ iss: ISSUER, sub: 'x', exp: NOW_SECONDS + 60 });
  const token = sign(`${lacking.slice(0, -1)},"__proto__":{"aud":"orders"},"constructor":{"aud":"orders"}}`);
  isRefused(t, await world.check({ token }), 'token_audience_mismatch');
  const harmless = sign(`${text.slice(0, -1)},"__proto__":{"admin":true,"cnf":{}}}`);
  isAllowed(t, await world.check({ token: harmless }));
  t.is(({} as Record<string, unknown>).admin, undefined);
});

test('assembled – a valid token from the same parts passes, so that the refusals above are meaningful', async (t) => {
  isAllowed(t, await world.check({ token: assembleJwt({ header, payload: goodClaims(), signer }) }));
  isAllowed(t, await world.check({ token: sign(text) }));
});
