import { createServer } from 'node:http';
import test from 'ava';
import { createCa } from '../../support/ca.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { assembleJwt, createSigner } from '../../support/jwt-signer.ts';
import { listen } from '../../support/listening.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const known = createSigner('ES256');
const stranger = createSigner('ES256');
const world = await createTokenWorld([known]);
const { der } = await (await createCa()).issue();

/** A server that would hand out the stranger's key, and counts who asks. */
let asked = 0;
const lure = createServer((_, response) => {
  asked++;
  response.end(JSON.stringify({ keys: [stranger.publicJwk] }));
});
const port = await listen(lure);
const lureUrl = `http://127.0.0.1:${port}/jwks`;
test.after.always(() => {
  lure.closeAllConnections();
  lure.close();
});

const carriers: [string, Record<string, unknown>][] = [
  ['jku (RFC 7515 §4.1.2)', { jku: lureUrl }],
  ['jwk (RFC 7515 §4.1.3)', { jwk: stranger.publicJwk }],
  ['x5u (RFC 7515 §4.1.5)', { x5u: lureUrl }],
  ['x5c (RFC 7515 §4.1.6)', { x5c: [der.toString('base64')] }],
  ['x5t (RFC 7515 §4.1.7)', { x5t: 'AAAA', 'x5t#S256': 'AAAA' }],
];
for (const [title, header] of carriers) {
  test.serial(`header – a key in or behind ${title} is never used`, async (t) => {
    const named = stranger.sign(goodClaims(), header);
    isRefused(t, await world.check({ token: named }), 'token_key_unknown');
    const borrowed = stranger.sign(goodClaims(), { ...header, kid: known.kid });
    isRefused(t, await world.check({ token: borrowed }), 'token_signature_invalid');
    const nameless = stranger.sign(goodClaims(), { ...header, kid: undefined });
    isRefused(t, await world.check({ token: nameless }), 'token_signature_invalid');
    t.is(asked, 0);
  });

  test.serial(`header – ${title} beside a valid signature changes nothing and is not fetched`, async (t) => {
    isAllowed(t, await world.check({ token: known.sign(goodClaims(), header) }));
    t.is(asked, 0);
  });
}

const critical: [string, Record<string, unknown>][] = [
  ['an unknown extension', { crit: ['exp-policy'], 'exp-policy': 1 }],
  ['one that is not there', { crit: ['ghost'] }],
  ['a registered name', { crit: ['alg'] }],
  ['nothing', { crit: [] }],
  ['null', { crit: null }],
  ['a string', { crit: 'exp' }],
  ['b64 (RFC 7797 §6)', { crit: ['b64'], b64: true }],
];
for (const [title, header] of critical)
  test(`header – denies crit that holds ${title} (RFC 7515 §4.1.11)`, async (t) => {
    isRefused(t, await world.check({ token: known.sign(goodClaims(), header) }), 'token_malformed');
  });

for (const b64 of [false, true, 'false', 0])
  test(`header – denies b64 ${JSON.stringify(b64)} without crit (RFC 7797 §7)`, async (t) => {
    isRefused(t, await world.check({ token: known.sign(goodClaims(), { b64 }) }), 'token_malformed');
  });

test('header – a payload that is not encoded is refused (RFC 7797 §7)', async (t) => {
  const head = Buffer.from(JSON.stringify({ alg: 'ES256', kid: known.kid, b64: false, crit: ['b64'] }));
  const input = `${head.toString('base64url')}.${JSON.stringify({ iss: 'x' })}`;
  const token = `${input}.${known.signature(input).toString('base64url')}`;
  // Its quotes and braces are no token68 (RFC 9110 §11.2), so it ends before it is a token at all.
  isRefused(t, await world.check({ token }), 'authorization_malformed');
});

for (const typ of [1, null, true, ['JWT'], { typ: 'JWT' }])
  test(`header – denies typ ${JSON.stringify(typ)} (RFC 7515 §4.1.9)`, async (t) => {
    isRefused(t, await world.check({ token: known.sign(goodClaims(), { typ }) }), 'token_malformed');
  });

test('header – the last of two members of one name counts, for every reader (RFC 7515 §4)', async (t) => {
  const payload = JSON.stringify(goodClaims());
  const lastIsGood = `{"alg":"none","alg":"ES256","kid":"x","kid":${JSON.stringify(known.kid)}}`;
  isAllowed(t, await world.check({ token: assembleJwt({ header: lastIsGood, payload, signer: known }) }));
  const lastIsNone = `{"alg":"ES256","kid":${JSON.stringify(known.kid)},"alg":"none"}`;
  const refused = await world.check({ token: assembleJwt({ header: lastIsNone, payload, signer: known }) });
  isRefused(t, refused, 'token_algorithm_not_allowed');
});

test('header – __proto__ brings no member in (RFC 7515 §4)', async (t) => {
  const payload = goodClaims();
  const inherited = `{"__proto__":{"alg":"ES256","kid":${JSON.stringify(known.kid)}}}`;
  const refused = await world.check({ token: assembleJwt({ header: inherited, payload, signer: known }) });
  isRefused(t, refused, 'token_algorithm_not_allowed');
  const critical = `{"alg":"ES256","kid":${JSON.stringify(known.kid)},"__proto__":{"crit":["x"]}}`;
  isAllowed(t, await world.check({ token: assembleJwt({ header: critical, payload, signer: known }) }));
  t.is(({} as Record<string, unknown>).crit, undefined);
});
