import { hash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { ApiServer } from '../../src/sources/api-server.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { CachedAuthority, type CachedAuthorityOptions } from '../../src/sources/cached-authority.ts';
import { startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { waitFor } from '../support/wait.ts';

const ca = await createCa();
const NOW = Date.UTC(2030, 0, 15, 12);

/** An API server, and the authority that asks it; time passes as it does unless `clock` stands still. */
async function world(t: ExecutionContext, more: Partial<CachedAuthorityOptions> = {}) {
  const server = await startApiServer({ ca, caller: 'the-caller' });
  t.teardown(() => server.stop());
  const timeout = more.timeout ?? 5_000;
  const client = new ApiServer({ url: server.url, ca: ca.certPem, token: () => 'the-caller', timeout });
  t.teardown(() => client.close());
  const asked = new CachedAuthority({
    bulkhead: new Bulkheads(() => 10_000).of('cluster'),
    ask: client.review(['orders']),
    authority: 'the API server of cluster',
    unavailable: 'api_server_unavailable',
    clock: Date.now,
    timeout,
    ...more,
  });
  const clock = more.clock ?? Date.now;
  return {
    server,
    asked,
    issue: (name = 'till') => server.issue({ namespace: 'prod', name, audiences: ['orders'], now: clock() }),
    ask: (token: string, patience = 5_000) =>
      asked.ask(token, hash('sha256', token), { now: clock(), deadline: clock() + patience }),
  };
}

const till = { username: 'system:serviceaccount:prod:till' };

test('API server – 1,000 checks at once with one token are one request', async (t) => {
  const { server, ask, issue } = await world(t);
  const token = issue();
  server.behave(server.paths.reviews, { kind: 'late', ms: 50 });
  for (const answer of await Promise.all(Array.from({ length: 1_000 }, () => ask(token))))
    t.like(answer, till);
  t.is(server.count(), 1);
});

test('API server – hanging: 503 within the deadline, bounded questions, others well, and it comes back', async (t) => {
  const hanging = await world(t, { timeout: 8_000, maxUnderWay: 16, openFor: 5_000 });
  const well = await world(t);
  const { server, asked, ask, issue } = hanging;
  server.behave(server.paths.reviews, { kind: 'hang' });
  const tokens = Array.from({ length: 100 }, () => issue());
  const waiting = tokens.map((token) => ask(token, 150));
  t.is(asked.state().underWay, 8);
  const good = well.issue();
  t.like(await well.ask(good), till);
  for (const one of await Promise.allSettled(waiting)) {
    t.is(one.status, 'rejected');
    const { reason } = one as PromiseRejectedResult;
    t.true(reason instanceof DependencyError);
    t.is(reason.reason, 'api_server_unavailable');
  }
  t.is(asked.state().underWay, 8, 'before the questions themselves end');
  await waitFor('the questions to end', 5_000, () => asked.state().underWay === 0);
  t.true(server.mostAtOnce <= 8, `${server.mostAtOnce}`);
  t.true(asked.state().open);
  await t.throwsAsync(ask(issue()), { message: /not asked at the moment/ });
  server.behave(server.paths.reviews, { kind: 'ok' });
  const token = issue();
  const answer = await waitFor('an answer', 5_000, () => ask(token).catch(() => undefined));
  t.like(answer, till);
  t.false(asked.state().open);
});

test('API server – gone and back: an outage, then an answer, by itself', async (t) => {
  const { server, asked, ask, issue } = await world(t, { openFor: 5_000 });
  const token = issue();
  await server.down();
  for (let n = 0; n < 10; n++) t.like(await t.throwsAsync(ask(token)), { reason: 'api_server_unavailable' });
  t.is(asked.state().asked, 5);
  await server.up();
  t.like(await waitFor('an answer', 5_000, () => ask(token).catch(() => undefined)), till);
});

test('API server – one that restarts between two questions fails neither', async (t) => {
  const { server, ask, issue } = await world(t);
  await ask(issue());
  await server.down();
  await server.up();
  t.like(await ask(issue()), till);
});

test('API server – what is remembered is served while it is gone, and not for longer than that', async (t) => {
  const clock = { now: NOW };
  const { server, ask, issue } = await world(t, { clock: () => clock.now });
  const token = issue();
  await ask(token);
  await server.down();
  clock.now += 9_999;
  t.like(await ask(token), { ...till, cached: true });
  clock.now += 1;
  t.like(await t.throwsAsync(ask(token)), { reason: 'api_server_unavailable' });
});

test('API server – a deleted pod is noticed within ten seconds', async (t) => {
  const clock = { now: NOW };
  const { server, ask, issue } = await world(t, { clock: () => clock.now });
  const token = issue();
  await ask(token);
  server.revoke(token);
  clock.now += 9_999;
  t.like(await ask(token), till);
  clock.now += 1;
  t.like(await ask(token), { reason: 'token_review_refused' });
});

test('API server – an answer is never used after exp of its token', async (t) => {
  const clock = { now: NOW };
  const { server, ask } = await world(t, { clock: () => clock.now });
  const short = { namespace: 'prod', name: 'till', audiences: ['orders'], lifetime: 3, now: NOW };
  const token = server.issue(short);
  await ask(token);
  clock.now += 2_999;
  t.like(await ask(token), { cached: true });
  clock.now += 1;
  await ask(token);
  t.is(server.count(), 2);
});

test('API server – Retry-After is passed on, and the breaker opens for no longer than by itself', async (t) => {
  const clock = { now: NOW };
  const { server, ask, issue } = await world(t, { clock: () => clock.now });
  server.behave(server.paths.reviews, { kind: 'status', status: 429, headers: { 'retry-after': '20' } });
  for (let n = 0; n < 5; n++) t.like(await t.throwsAsync(ask(issue())), { retryAfter: 20 });
  clock.now += 3_000;
  t.like(await t.throwsAsync(ask(issue())), { retryAfter: 2 });
  t.is(server.count(), 5);
  server.behave(server.paths.reviews, { kind: 'ok' });
  clock.now += 2_000;
  t.like(await ask(issue()), till);
});
