import test, { type ExecutionContext } from 'ava';
import { Denial, DependencyError } from '../../src/core/denial.ts';
import type { Attestation } from '../../src/core/token/authority.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import {
  CachedAuthority,
  type CachedAuthorityOptions,
  Unanswered,
} from '../../src/sources/cached-authority.ts';

const yes: Attestation = { claims: undefined, audiences: undefined, username: undefined, cached: false };
const no = new Denial('token_inactive');
const down = (retryAfter = 1) => new DependencyError('api_server_forbidden', 'answered 403', retryAfter);

/** Each question is about a token of its own; `says` decides what comes. */
function world(more: Partial<CachedAuthorityOptions> = {}) {
  const clock = { now: 1_000_000 };
  const says: { now: Attestation | Denial | Error | Promise<Attestation> } = { now: yes };
  let fresh = 0;
  const asked = new CachedAuthority({
    bulkhead: new Bulkheads(() => 1_000).of('corp'),
    ask: async () => {
      if (says.now instanceof Error) throw says.now;
      return says.now;
    },
    authority: 'the cluster',
    unavailable: 'api_server_unavailable',
    clock: () => clock.now,
    timeout: 5_000,
    ...more,
  });
  const ask = (sender?: string, token = `fresh-${fresh++}`) =>
    asked.ask(token, token, { now: clock.now, deadline: clock.now + 1_000, sender });
  return { clock, says, asked, ask };
}

async function open(t: ExecutionContext, { says, asked, ask }: ReturnType<typeof world>, error = down()) {
  says.now = error;
  for (let n = 0; n < 5; n++) await t.throwsAsync(ask(), { is: error });
  t.like(asked.state(), { asked: 5, failures: 5, open: true });
}

test('breaker – after five outages in a row no question is asked for five seconds, and the reason stays', async (t) => {
  const it = world();
  await open(t, it);
  it.clock.now += 1_000;
  const error = (await t.throwsAsync(it.ask(), { instanceOf: DependencyError })) as DependencyError;
  t.is(error.reason, 'api_server_forbidden');
  t.is(error.retryAfter, 4);
  t.is(error.message, 'the cluster is not asked at the moment: answered 403');
  t.is(it.asked.state().asked, 5);
});

test('breaker – then one trial is asked, and its success closes the breaker', async (t) => {
  const it = world();
  await open(t, it);
  it.clock.now += 5_000;
  const { promise, resolve } = Promise.withResolvers<Attestation>();
  it.says.now = promise;
  const trial = it.ask();
  for (let n = 0; n < 3; n++) await t.throwsAsync(it.ask(), { instanceOf: DependencyError });
  t.like(it.asked.state(), { asked: 6, underWay: 1, open: true });
  resolve(yes);
  t.is(await trial, yes);
  t.like(it.asked.state(), { open: false, failure: undefined });
  it.says.now = yes;
  await Promise.all([it.ask(), it.ask()]);
  t.is(it.asked.state().asked, 8);
});

test('breaker – a no closes it too: the authority is well', async (t) => {
  const it = world();
  await open(t, it);
  it.clock.now += 5_000;
  it.says.now = no;
  t.is(await it.ask(), no);
  t.false(it.asked.state().open);
});

test('breaker – a trial that fails opens it for as long again', async (t) => {
  const it = world();
  await open(t, it);
  for (let round = 1; round <= 3; round++) {
    it.clock.now += 5_000;
    await t.throwsAsync(it.ask(), { message: 'answered 403' });
    it.clock.now += 4_999;
    await t.throwsAsync(it.ask(), { message: /not asked/ });
    it.clock.now -= 4_999;
    t.is(it.asked.state().asked, 5 + round);
  }
});

test('breaker – a success in between starts the count anew', async (t) => {
  const it = world();
  for (const error of [true, true, true, true, false, true, true, true, true]) {
    it.says.now = error ? down() : no;
    await it.ask().catch(() => undefined);
  }
  t.like(it.asked.state(), { asked: 9, failures: 8, open: false });
});

for (const retryAfter of [2, 60])
  test(`breaker – a Retry-After of ${retryAfter} s changes nothing: what one token got says little of others`, async (t) => {
    const it = world();
    await open(t, it, down(retryAfter));
    it.clock.now += 4_999;
    await t.throwsAsync(it.ask(), { message: /not asked/ });
    it.clock.now += 1;
    it.says.now = yes;
    t.is(await it.ask(), yes);
  });

/** As an authorization server that limits what it does not know: 429 for it, while it answers about its own tokens. */
const throttled = new DependencyError('introspection_unavailable', 'answered 429', 60);

test('breaker – 429 for the junk of one sender, minute after minute, keeps no other sender out', async (t) => {
  const it = world();
  for (let second = 0; second < 120; second++) {
    it.says.now = throttled;
    await it.ask('junk').catch(() => undefined);
    await it.ask('junk').catch(() => undefined);
    if (second % 10 === 9) {
      it.says.now = yes;
      t.is(await it.ask('honest'), yes);
    }
    it.clock.now += 1_000;
  }
});

test('breaker – 429 for junk of many senders keeps no token out that got a yes before', async (t) => {
  const it = world();
  t.is(await it.ask('honest', 'good'), yes);
  for (let round = 0; round < 5; round++) {
    it.says.now = throttled;
    for (let n = 0; n < 20; n++) await it.ask(`junk-${n}`).catch(() => undefined);
    t.true(it.asked.state().open);
    it.clock.now += 10_000;
    for (let n = 0; n < 20; n++) await it.ask(`junk-${n}`).catch(() => undefined);
    it.says.now = yes;
    t.is(await it.ask('honest', 'good'), yes);
  }
});

test('breaker – a known token that is answered opens the way for others again', async (t) => {
  const it = world();
  await it.ask('honest', 'good');
  it.says.now = throttled;
  for (const sender of ['a', 'b', 'c', 'd', 'e']) await t.throwsAsync(it.ask(sender), { is: throttled });
  it.clock.now += 100;
  it.says.now = yes;
  await t.throwsAsync(it.ask('f'), { message: /not asked/ });
  it.clock.now += 10_000;
  it.says.now = throttled;
  await t.throwsAsync(it.ask('a'), { is: throttled });
  it.says.now = yes;
  await t.throwsAsync(it.ask('f'), { message: /not asked/ });
  t.is(await it.ask('honest', 'good'), yes);
  t.is(await it.ask('f'), yes);
});

test('breaker – failures of one sender keep out only that sender; a failure of a second sender keeps out all', async (t) => {
  const it = world();
  it.says.now = down();
  for (let n = 0; n < 5; n++) await t.throwsAsync(it.ask('a'), { message: 'answered 403' });
  await t.throwsAsync(it.ask('a'), { message: /not asked/ });
  await t.throwsAsync(it.ask('b'), { message: 'answered 403' });
  for (const sender of ['a', 'b', 'c']) await t.throwsAsync(it.ask(sender), { message: /not asked/ });
  t.is(it.asked.state().asked, 6);
});

test('breaker – a token that was refused later is no longer a known token', async (t) => {
  const it = world({ successFor: 0, refusalFor: 0 });
  await it.ask('a', 'once good');
  it.says.now = no;
  await it.ask('a', 'once good');
  it.says.now = down();
  for (let n = 0; n < 5; n++) await t.throwsAsync(it.ask('a'), { message: 'answered 403' });
  await t.throwsAsync(it.ask('a', 'once good'), { message: /not asked/ });
});

test('breaker – questions of one sender that have no answer do not open it for the others', async (t) => {
  const it = world();
  it.says.now = new Unanswered('introspection_unavailable', 'answered 400', 1);
  for (let n = 0; n < 20; n++) await t.throwsAsync(it.ask(), { instanceOf: DependencyError });
  t.like(it.asked.state(), { asked: 20, failures: 20, open: false });
  it.says.now = yes;
  t.is(await it.ask(), yes);
});

test('breaker – a trial without an answer leaves room for the next', async (t) => {
  const it = world();
  await open(t, it);
  it.clock.now += 5_000;
  it.says.now = new Unanswered('introspection_unavailable', 'answered 400', 1);
  await t.throwsAsync(it.ask(), { message: 'answered 400' });
  t.true(it.asked.state().open);
  it.says.now = yes;
  t.is(await it.ask(), yes);
  t.false(it.asked.state().open);
});

test('breaker – a clock that is put back does not keep it open', async (t) => {
  const it = world();
  await open(t, it);
  it.clock.now -= 3_600_000;
  it.says.now = yes;
  t.is(await it.ask(), yes);
});

test('breaker – a question from before may still close it', async (t) => {
  const it = world();
  const { promise, resolve } = Promise.withResolvers<Attestation>();
  it.says.now = promise;
  const early = it.ask();
  it.says.now = down();
  for (let n = 0; n < 5; n++) await t.throwsAsync(it.ask());
  t.true(it.asked.state().open);
  resolve(yes);
  t.is(await early, yes);
  t.false(it.asked.state().open);
});

test('breaker – outages and openFor as configured', async (t) => {
  const it = world({ outages: 1, openFor: 100 });
  it.says.now = down(0);
  await t.throwsAsync(it.ask());
  it.clock.now += 99;
  await t.throwsAsync(it.ask(), { message: /not asked/ });
  it.clock.now += 1;
  it.says.now = yes;
  t.is(await it.ask(), yes);
});

/** Every question hangs, and its time is short. */
function hanging() {
  const never = { ask: () => new Promise<never>(() => undefined), timeout: 200 };
  return world(never);
}

test('breaker – five checks that wait in vain for one question open it, as five questions do', async (t) => {
  for (const tokens of [
    ['same', 'same', 'same', 'same', 'same'],
    ['a', 'b', 'c', 'd', 'e'],
  ]) {
    const it = hanging();
    const waiting = tokens.map((token) => it.ask('one', token));
    for (const check of waiting) await t.throwsAsync(check, { message: /no answer within 200 ms/ });
    t.true(it.asked.state().open, String(tokens));
    await t.throwsAsync(it.ask('one', 'same'), { message: /not asked at the moment/ });
  }
});

test('breaker – checks of one sender for one question keep out that sender only; those of two keep out all', async (t) => {
  for (const [senders, next] of [
    [['one', 'one', 'one', 'one', 'one'], /no answer within 200 ms/],
    [['one', 'one', 'one', 'one', 'two'], /not asked at the moment/],
  ] as const) {
    const it = hanging();
    const waiting = senders.map((sender) => it.ask(sender, 'same'));
    for (const check of waiting) await t.throwsAsync(check, { message: /no answer within/ });
    await t.throwsAsync(it.ask('three'), { message: next });
  }
});

test('breaker – while it is open, no check joins a question that hangs', async (t) => {
  const it = world();
  it.says.now = new Promise(() => undefined);
  const first = it.ask('one', 'same');
  it.says.now = down();
  for (let n = 0; n < 5; n++) await t.throwsAsync(it.ask('one'), { message: 'answered 403' });
  await t.throwsAsync(it.ask('one', 'same'), { message: /not asked at the moment/ });
  await t.throwsAsync(first, { message: /did not answer in time/ });
});

test('breaker – a question that fails at once is one failure, however many checks wait for it', async (t) => {
  const it = world();
  it.says.now = down();
  const waiting = Array.from({ length: 20 }, () => it.ask('one', 'same'));
  for (const check of waiting) await t.throwsAsync(check, { message: 'answered 403' });
  t.like(it.asked.state(), { asked: 1, open: false });
});
