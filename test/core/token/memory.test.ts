import { hash } from 'node:crypto';
import test from 'ava';
import { Denial, DependencyError } from '../../../src/core/denial.ts';
import { type Issuer, Issuers } from '../../../src/core/token/issuers.ts';
import { parseJwks, type VerificationKey } from '../../../src/core/token/keys.ts';
import { type CachedToken, verifyToken } from '../../../src/core/token/verify-token.ts';
import { Cache } from '../../../src/lib/cache.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { Bulkheads } from '../../../src/sources/bulkhead.ts';
import { RemoteKeys } from '../../../src/sources/remote-keys.ts';
import { NOW } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner, type JwtSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims, ISSUER, NOW_SECONDS } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const token = signer.sign(goodClaims());
const digest = (text: string) => hash('sha256', text, 'base64url');

test('token memory – a token is verified once and remembered', async (t) => {
  const world = await createTokenWorld([signer]);
  const first = await world.check({ token });
  const second = await world.check({ token });
  for (const answer of [first, second]) isAllowed(t, answer);
  t.deepEqual(
    [first, second].map(({ decision }) => decision.found.token?.cached),
    [false, true],
  );
});

test('token memory – a remembered token is not used past its exp, nor before its nbf', async (t) => {
  const world = await createTokenWorld([signer]);
  const short = signer.sign(goodClaims({ nbf: NOW_SECONDS, exp: NOW_SECONDS + 10 }));
  isAllowed(t, await world.check({ token: short }));
  world.clock.now = NOW + 40_000;
  isRefused(t, await world.check({ token: short }), 'token_expired');
  world.clock.now = NOW - 31_000;
  isRefused(t, await world.check({ token: short }), 'token_not_yet_valid');
  world.clock.now = NOW;
  const again = await world.check({ token: short });
  isAllowed(t, again);
  t.true(again.decision.found.token?.cached);
});

test('token memory – a token with one changed character of the signature is another token', async (t) => {
  const world = await createTokenWorld([signer]);
  isAllowed(t, await world.check({ token }));
  for (const at of [token.length - 10, token.lastIndexOf('.') + 1, token.length - 40]) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const forged = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
    isRefused(t, await world.check({ token: forged }), 'token_signature_invalid');
  }
  isRefused(t, await world.check({ token: `${token}A` }), 'token_signature_invalid');
});

test('token memory – its key is a digest of the whole token, never the token', async (t) => {
  const world = await createTokenWorld([signer]);
  await world.check({ token });
  t.is(world.policy.tokenCache.size, 1);
  t.is(world.policy.tokenCache.get(token), undefined);
  const entry = world.policy.tokenCache.get(digest(token));
  t.is(entry?.token.subject, 'alice');
  t.false(JSON.stringify(entry).includes(String(token.split('.')[2])));
});

test('token memory – what was refused is not remembered', async (t) => {
  const world = await createTokenWorld([signer]);
  isRefused(t, await world.check({ token: createSigner('ES256').sign(goodClaims()) }), 'token_key_unknown');
  const forged = createSigner('ES256').sign(goodClaims(), { kid: signer.kid });
  isRefused(t, await world.check({ token: forged }), 'token_signature_invalid');
  const odd = signer.sign(goodClaims({ exp: 'soon' }));
  isRefused(t, await world.check({ token: odd }), 'token_claim_malformed');
  t.is(world.policy.tokenCache.size, 0);
});

test('token memory – a flood of valid tokens stays within the limit', async (t) => {
  const world = await createTokenWorld([signer], {}, { limits: { tokenMemory: '64Ki' } });
  for (let number = 0; number < 500; number++)
    await world.check({ token: signer.sign(goodClaims({ jti: number })) });
  t.true(world.policy.tokenCache.size > 5);
  t.true(world.policy.tokenCache.bytes > 32_768 && world.policy.tokenCache.bytes <= 65_536);
});

test('token memory – what the answers to tokens that come again tell of them stays within the limit too', async (t) => {
  const world = await createTokenWorld([signer], {}, { limits: { tokenMemory: '1Mi' } });
  const scope = Array.from({ length: 400 }, (_, n) => `orders.scope-${n}`).join(' ');
  const check = async (jti: number) => {
    const known = signer.sign(goodClaims({ jti, scope }));
    for (const _ of ['first', 'again']) isAllowed(t, await world.check({ token: known }));
  };
  await check(0);
  // Two bytes a character for the header, and two for the metadata.
  t.true(world.policy.identityCache.bytes > 4 * scope.length);
  for (let jti = 1; jti < 100; jti++) await check(jti);
  t.true(world.policy.identityCache.bytes <= 524_288);
});

test('token memory – can be turned off', async (t) => {
  const world = await createTokenWorld([signer], {}, { limits: { tokenMemory: 0 } });
  for (const _ of [1, 2]) {
    const answer = await world.check({ token });
    isAllowed(t, answer);
    t.false(answer.decision.found.token?.cached);
  }
});

test('token memory – a reload of the configuration drops all tokens', async (t) => {
  for (const _ of ['before', 'after'])
    t.false((await (await createTokenWorld([signer])).check({ token })).decision.found.token?.cached);
});

/** An issuer whose keys are fetched from a variable; time and fetches are in the hands of the test. */
function changingIssuer(served: { keys: readonly JwtSigner[]; down?: boolean }) {
  const clock = { now: NOW };
  const keys = new RemoteKeys({
    bulkhead: new Bulkheads(() => 1_000).of('corp'),
    issuer: 'corp',
    fetch: async () => {
      if (served.down) throw new Error('down');
      const read = parseJwks({ keys: served.keys.map(({ publicJwk }) => publicJwk) });
      if (read instanceof Malformed) throw new TypeError(read.why);
      return read as readonly VerificationKey[];
    },
    clock: () => clock.now,
    refresh: 2 ** 30,
    keep: 60_000,
    coolDown: 0,
    report: () => {},
  });
  const issuer: Issuer = {
    name: 'corp',
    iss: ISSUER,
    audiences: ['orders'],
    profile: 'any',
    algorithms: new Set(['ES256']),
    clockSkew: 0,
    keys,
    authority: undefined,
    trustDomain: undefined,
    allowInsecureNoExpiry: false,
    allowInsecureNoAudience: false,
  };
  const memo = new Cache<CachedToken>(10, () => 1);
  const policy = { issuers: new Issuers([issuer]), maxTokenLength: 16_384 };
  return {
    clock,
    memo,
    refetch: () => keys.start(),
    stop: () => keys.stop(),
    verify: async (text: string) =>
      verifyToken(text, policy, memo, digest, { now: clock.now, deadline: clock.now + 1_000 }),
  };
}
const outcomeOf = (result: Awaited<ReturnType<typeof verifyToken>>) =>
  result instanceof Denial ? result.reason : result.cached ? 'remembered' : 'verified';

test('token memory – stays while the set is fetched again with the same key in it', async (t) => {
  const served = { keys: [signer] };
  const issuer = changingIssuer(served);
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'verified');
  served.keys = [createSigner('ES256'), signer];
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'remembered');
  issuer.stop();
});

test('token memory – is not used after its key left the set', async (t) => {
  const served: { keys: JwtSigner[] } = { keys: [signer, createSigner('ES256')] };
  const issuer = changingIssuer(served);
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'verified');
  served.keys = served.keys.slice(1);
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'token_key_unknown');
  t.is(issuer.memo.size, 0);
  issuer.stop();
});

test('token memory – is not used after its kid went to another key', async (t) => {
  const served = { keys: [signer] };
  const issuer = changingIssuer(served);
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'verified');
  served.keys = [createSigner('ES256', { kid: signer.kid })];
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'token_signature_invalid');
  issuer.stop();
});

test('token memory – is not used while the keys are older than they may be, and is used again after', async (t) => {
  const served = { keys: [signer], down: false };
  const issuer = changingIssuer(served);
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'verified');
  served.down = true;
  issuer.clock.now = NOW + 60_000;
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'remembered');
  issuer.clock.now = NOW + 60_001;
  const outage = await t.throwsAsync(issuer.verify(token), { instanceOf: DependencyError });
  t.is(outage?.reason, 'issuer_unavailable');
  served.down = false;
  await issuer.refetch();
  t.is(outcomeOf(await issuer.verify(token)), 'remembered');
  issuer.stop();
});
