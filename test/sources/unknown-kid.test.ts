import test from 'ava';
import { createCheckWorld, NOW } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner, encodePart } from '../support/jwt-signer.ts';
import { createRemoteWorld, type RemoteWorld } from '../support/remote-world.ts';
import { createTokenWorld, goodClaims } from '../support/token-fixture.ts';

/** A token without a valid signature: its signature is never checked. */
const rubbish = (iss: string, kid: string) =>
  `${encodePart({ alg: 'ES256', kid })}.${encodePart(goodClaims({ iss }))}.${encodePart('x'.repeat(64))}`;

test('unknown kid – 10,000 tokens at once cause one fetch', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { timeout: '50s' }, checkTimeout: 50_000 });
  world.server.resetCounts();
  world.clock.now = NOW + 30_000;
  const answers = await Promise.all(
    Array.from({ length: 10_000 }, (_, number) =>
      world.check({ token: rubbish(world.server.issuer, `kid-${number}`) }),
    ),
  );
  const reasons = answers.map(({ decision }) => decision.reason);
  // So many may wait for it as one sender; for the others nothing is kept.
  t.is(reasons.filter((reason) => reason === 'token_key_unknown').length, 250);
  t.is(reasons.filter((reason) => reason === 'overloaded').length, 9_750);
  t.is(world.server.count(world.server.paths.jwks), 1);
  isAllowed(t, await world.checkToken());
});

test('unknown kid – 10,000 tokens over five minutes cause one fetch in each cool-down', async (t) => {
  const world = await createRemoteWorld(t);
  world.server.resetCounts();
  for (let number = 1; number <= 10_000; number++) {
    world.clock.now = NOW + number * 30; // 300 s in all
    const answer = await world.check({ token: rubbish(world.server.issuer, `kid-${number}`) });
    if (answer.decision.reason !== 'token_key_unknown') return t.fail(answer.decision.reason);
  }
  const fetches = world.server.count(world.server.paths.jwks);
  t.true(fetches >= 9 && fetches <= 10, `${fetches} fetches`);
});

test('unknown kid – the same one again is not looked for again within a minute', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { coolDown: '0s' } });
  const stranger = createSigner('ES256');
  isRefused(t, await world.checkToken(stranger), 'token_key_unknown');
  const after = world.server.count();
  for (const later of [1, 1_000, 59_999]) {
    world.clock.now = NOW + later;
    isRefused(t, await world.checkToken(stranger), 'token_key_unknown');
  }
  t.is(world.server.count(), after);
  world.clock.now = NOW + 60_000;
  isRefused(t, await world.checkToken(stranger), 'token_key_unknown');
  t.true(world.server.count() > after);
});

test('unknown kid – no fetch for a token without one, of an unknown issuer, or with a known kid', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { coolDown: '0s' } });
  world.server.resetCounts();
  const stranger = createSigner('ES256', { kid: null });
  isRefused(t, await world.checkToken(stranger), 'token_signature_invalid');
  isRefused(t, await world.checkToken(createSigner('RS256', { kid: null })), 'token_key_unknown');
  isRefused(t, await world.checkToken(createSigner('ES256'), { iss: 'https://x' }), 'token_issuer_unknown');
  const sameName = createSigner('RS256', { kid: world.signer.kid });
  isRefused(t, await world.checkToken(sameName), 'token_key_unknown');
  isRefused(t, await world.check({ token: 'a.b.c' }), 'token_malformed');
  t.is(world.server.count(), 0);
});

test('unknown kid – a caller without the peer that the rule requires causes no fetch', async (t) => {
  const server = await startJwksServer({ signers: [createSigner('ES256')] });
  t.teardown(() => server.stop());
  const world = await createCheckWorld({
    issuers: { corp: { issuer: server.issuer, audiences: ['orders'], coolDown: '0s' } },
    peers: { trustDomains: { 'cluster.local': {} } },
    rules: [{ name: 'named', require: { peers: ['spiffe://cluster.local/**'], binding: ['none'] } }],
  });
  t.teardown(() => world.stop());
  server.resetCounts();
  isRefused(t, await world.check({ token: rubbish(server.issuer, 'x') }), 'peer_missing');
  t.is(server.count(), 0);
});

const detailOf = ({ decision }: Awaited<ReturnType<RemoteWorld['check']>>) =>
  'detail' in decision ? decision.detail : undefined;

test('unknown kid – the log shows the known ones, their age, and how long the issuer is not asked', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { coolDown: '60s' } });
  const token = (kid: string) => rubbish(world.server.issuer, kid);
  const known = `corp has no key for alg ES256, kid "x"; known are ${world.signer.kid}`;
  world.clock.now = NOW + 20_000;
  t.is(
    detailOf(await world.check({ token: token('x') })),
    `${known}, fetched 20 s ago; the issuer is not asked again for 40 s`,
  );
  world.clock.now = NOW + 60_000;
  t.is(detailOf(await world.check({ token: token('x') })), `${known}, fetched 0 s ago`);
  world.clock.now = NOW + 70_000;
  t.is(
    detailOf(await world.check({ token: token('x') })),
    `${known}, fetched 10 s ago; the issuer is not asked again for 50 s`,
  );
});

test('unknown kid – the log says so if the key is for another algorithm', async (t) => {
  const world = await createRemoteWorld(t);
  const token = createSigner('RS256', { kid: world.signer.kid }).sign(
    goodClaims({ iss: world.server.issuer }),
  );
  t.is(
    detailOf(await world.check({ token })),
    `corp has no key for alg RS256, kid "${world.signer.kid}"; the key of this kid is for ES256, fetched 0 s ago`,
  );
});

test('unknown kid – the log shows five known ones at most, each shortened', async (t) => {
  const signers = Array.from({ length: 9 }, (_, n) =>
    createSigner('ES256', { kid: `${n}-${'k'.repeat(200)}` }),
  );
  const world = await createTokenWorld(signers);
  const { decision } = await world.check({
    token: createSigner('ES256', { kid: 'z'.repeat(256) }).sign(goodClaims()),
  });
  const detail = ('detail' in decision && decision.detail) || '';
  t.regex(detail, /kid "z{60}…"; known are 0-k{58}…, .*4-k{58}… and 4 more, fetched 0 s ago$/);
  t.true(detail.length < 512);
});
