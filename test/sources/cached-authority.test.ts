import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Denial, DependencyError } from '../../src/core/denial.ts';
import type { Attestation } from '../../src/core/token/authority.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { CachedAuthority, type CachedAuthorityOptions } from '../../src/sources/cached-authority.ts';
import { createSigner } from '../support/jwt-signer.ts';

const NOW = Date.UTC(2030, 0, 15, 12);
const yes: Attestation = { claims: undefined, audiences: ['orders'], username: 'alice', cached: false };
const no = new Denial('token_inactive', 'active is false');
const outage = new DependencyError('introspection_unavailable', 'down', 1);

/** An `CachedAuthority` whose authority says what `say` says; the clock stands still unless moved. */
function world(
  say: (token: string) => Attestation | Denial | Promise<Attestation | Denial>,
  more: Partial<CachedAuthorityOptions> = {},
) {
  const clock = { now: NOW };
  const asked = new CachedAuthority({
    bulkhead: new Bulkheads(() => 10_000).of('corp'),
    ask: async (token) => say(token),
    authority: 'the authority',
    unavailable: 'api_server_unavailable',
    clock: () => clock.now,
    timeout: 5_000,
    ...more,
  });
  return {
    clock,
    asked,
    ask: (token = 'token', patience = 5_000) =>
      asked.ask(token, `digest of ${token}`, { now: clock.now, deadline: clock.now + patience }),
  };
}

test('asked – a yes is remembered for ten seconds, and says so', async (t) => {
  const { clock, asked, ask } = world(() => yes);
  t.deepEqual(await ask(), yes);
  clock.now += 9_999;
  t.deepEqual(await ask(), { ...yes, cached: true });
  t.is(asked.state().asked, 1);
  clock.now += 1;
  t.deepEqual(await ask(), yes);
  t.is(asked.state().asked, 2);
});

test('asked – a no is remembered for two seconds', async (t) => {
  const { clock, asked, ask } = world(() => no);
  t.is(await ask(), no);
  clock.now += 1_999;
  t.is(await ask(), no);
  t.is(asked.state().asked, 1);
  clock.now += 1;
  t.is(await ask(), no);
  t.is(asked.state().asked, 2);
});

test('asked – the age of an answer counts from its question', async (t) => {
  const { clock, asked, ask } = world(async () => {
    clock.now += 4_000;
    return yes;
  });
  await ask();
  clock.now += 5_999;
  t.like(await ask(), { cached: true });
  clock.now += 1;
  t.like(await ask(), { cached: false });
  t.is(asked.state().asked, 2);
});

test('asked – 0 remembers nothing', async (t) => {
  const { asked, ask } = world(() => yes, { successFor: 0 });
  await ask();
  t.like(await ask(), { cached: false });
  t.is(asked.state().asked, 2);
});

test('asked – an outage is never remembered', async (t) => {
  let down = true;
  const { asked, ask } = world(() => {
    if (down) throw outage;
    return yes;
  });
  t.is(await t.throwsAsync(ask()), outage);
  down = false;
  t.deepEqual(await ask(), yes);
  t.like(asked.state(), { asked: 2, failures: 1, underWay: 0, open: false, failure: undefined });
});

test('asked – an outage forgets no answer', async (t) => {
  let down = false;
  const { clock, ask } = world((token) => {
    if (down && token !== 'token') throw outage;
    return yes;
  });
  await ask();
  down = true;
  for (let n = 0; n < 6; n++) await t.throwsAsync(ask(`other-${n}`));
  clock.now += 5_000;
  t.like(await ask(), { cached: true });
});

const inSeconds = NOW / 1000;
const signer = createSigner('ES256');
const expiries: [string, unknown, unknown, number][] = [
  ['the answer', undefined, inSeconds + 3, 3_000],
  ['the answer, to a fraction', undefined, inSeconds + 3.5, 3_500],
  ['the token itself', inSeconds + 4, undefined, 4_000],
  ['whichever is earlier, the token', inSeconds + 2, inSeconds + 3, 2_000],
  ['whichever is earlier, the answer', inSeconds + 5, inSeconds + 3, 3_000],
  ['neither in the next ten seconds', inSeconds + 600, inSeconds + 600, 10_000],
  ['none that is a number', '1', 'soon', 10_000],
];
for (const [title, inToken, inAnswer, lasts] of expiries)
  test(`asked – nothing is remembered past exp: of ${title}`, async (t) => {
    const token = signer.sign({ exp: inToken });
    const { clock, ask } = world(() => ({ ...yes, claims: { exp: inAnswer } }));
    await ask(token);
    clock.now += lasts - 1;
    t.like(await ask(token), { cached: true });
    clock.now += 1;
    t.like(await ask(token), { cached: false });
  });

test('asked – a token that is over already is not remembered at all', async (t) => {
  const { ask, asked } = world(() => ({ ...yes, claims: { exp: inSeconds } }));
  await ask();
  await ask();
  t.is(asked.state().asked, 2);
});

test('asked – a clock that is put back makes no answer last longer', async (t) => {
  const { clock, ask } = world(() => yes);
  await ask();
  clock.now -= 3_600_000;
  t.like(await ask(), { cached: false });
  t.like(await ask(), { cached: true });
});

test('asked – 1,000 at once about one token are one question', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Attestation>();
  const { asked, ask } = world(() => promise);
  const waiting = Array.from({ length: 1_000 }, () => ask());
  t.like(asked.state(), { asked: 1, underWay: 1, mostUnderWay: 64 });
  resolve(yes);
  for (const answer of await Promise.all(waiting)) t.is(answer, yes);
  t.like(asked.state(), { asked: 1, underWay: 0 });
});

test('asked – 1,000 at once share a no and an outage as well', async (t) => {
  for (const answer of [no, outage]) {
    const { asked, ask } = world(async () => {
      await sleep(5);
      if (answer instanceof DependencyError) throw answer;
      return answer;
    });
    const all = await Promise.allSettled(Array.from({ length: 1_000 }, () => ask()));
    for (const one of all) t.is(one.status === 'fulfilled' ? one.value : one.reason, answer);
    t.is(asked.state().asked, 1);
  }
});

test('asked – each caller waits until its own deadline, the question goes on for the others', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Attestation>();
  const { asked, ask } = world(() => promise, { timeout: 60_000 });
  const patient = ask('token', 60_000);
  const began = performance.now();
  const error = await t.throwsAsync(ask('token', 60), { instanceOf: DependencyError });
  t.true(performance.now() - began >= 50);
  t.is((error as DependencyError).reason, 'api_server_unavailable');
  t.like(asked.state(), { asked: 1, failures: 0, underWay: 1 });
  resolve(yes);
  t.is(await patient, yes);
  t.like(await ask('token', 1), { cached: true });
});

test('asked – after the deadline no question is asked, but a cached answer is used', async (t) => {
  const { asked, ask } = world(() => yes);
  await t.throwsAsync(ask('token', 0), { instanceOf: DependencyError });
  t.is(asked.state().asked, 0);
  await ask();
  t.like(await ask('token', 0), { cached: true });
});

test('asked – a question ends by its own timeout, is told to, and counts as an outage', async (t) => {
  const signals: AbortSignal[] = [];
  const { asked, ask } = world(() => yes, {
    timeout: 50,
    ask: (_token, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  });
  await t.throwsAsync(ask('token', 60_000), { message: 'the authority gave no answer within 50 ms' });
  t.true(signals[0]?.aborted);
  t.like(asked.state(), { asked: 1, failures: 1, underWay: 0 });
});

test('asked – no more questions at a time than maxUnderWay: others wait for their turn, and another CachedAuthority does not', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Attestation>();
  const busy = world(() => promise, { maxUnderWay: 8 });
  const waiting = ['a', 'b', 'c', 'd', 'e'].map((token) => busy.ask(token));
  const joined = busy.ask('a');
  // One sender has two thirds of the six that are not kept for known tokens.
  t.like(busy.asked.state(), { asked: 4, failures: 0, underWay: 4, open: false });
  t.is(await world(() => yes).ask('d'), yes);
  resolve(yes);
  for (const answer of await Promise.all([...waiting, joined])) t.is(answer, yes);
  t.like(busy.asked.state(), { asked: 5, underWay: 0 });
});

test('asked – a token for which no check waits any more is not asked about, however many there were', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Attestation>();
  const { asked, ask } = world(() => promise, { maxUnderWay: 2 });
  const first = ask('first');
  const late = await Promise.allSettled(Array.from({ length: 500 }, (_, n) => ask(`late-${n}`, 10)));
  for (const one of late)
    t.is(one.status === 'rejected' && one.reason.message, 'the authority did not answer in time');
  resolve(yes);
  await first;
  t.like(asked.state(), { asked: 1, underWay: 0 });
  t.is(await ask('late-0'), yes);
  t.is(asked.state().asked, 2);
});

test('asked – a flood of bad tokens does not evict accepted ones, and memory is bounded', async (t) => {
  const { asked, ask } = world((token) => (token === 'good' ? yes : no), { memory: 8_192 });
  await ask('good');
  for (let n = 0; n < 1_000; n++) await ask(`bad-${n}`);
  t.like(await ask('good'), { cached: true });
  const before = asked.state().asked;
  await ask('bad-0');
  t.is(asked.state().asked, before + 1);
});

test('asked – what is thrown by a bug is thrown on, and does not stay under way', async (t) => {
  const { asked, ask } = world(() => {
    throw new TypeError('a bug');
  });
  await t.throwsAsync(ask(), { instanceOf: TypeError });
  t.like(asked.state(), { failures: 1, underWay: 0 });
});
