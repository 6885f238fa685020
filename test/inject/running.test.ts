import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { openCheckClient } from '../support/check-client.ts';
import { startInjector } from './inject-world.ts';
import { mint, tokenFolder } from './token-files.ts';

const folder = tokenFolder();
test.after.always(() => folder.remove());

function check(host: string, more: Record<string, string> = {}): CheckRequest {
  const path = '/orders?key=query-secret';
  const headers = { cookie: 'cookie-secret', 'x-request-id': 'request-1', ...more };
  return { attributes: { request: { http: { method: 'GET', host, path, headers } } } };
}

test('running – decisions, service log, readiness and metrics, and no token in any of them', async (t) => {
  const own = mkdirs('all');
  const token = mint();
  const wrong = mint({ aud: 'other' });
  writeFileSync(join(own, 'orders'), token);
  writeFileSync(join(own, 'wrong'), wrong);
  const injector = await startInjector({
    hosts: { ignorePort: true },
    tokens: [
      { hosts: ['orders.*'], audience: 'orders', file: join(own, 'orders') },
      { hosts: ['wrong'], audience: 'https://wrong.example', name: 'wrong', file: join(own, 'wrong') },
      { hosts: ['missing'], audience: 'missing', file: join(own, 'missing') },
    ],
  });
  const grpc = openCheckClient(injector.grpcPort);
  try {
    t.is(await grpc.health(), 'SERVING');
    t.is(await grpc.health('envoy.service.auth.v3.Authorization'), 'SERVING');
    const good = await grpc.check(check('orders.x:80'));
    t.is(good.okResponse.headers[0].header.value, `Bearer ${token}`);
    await grpc.check(check('elsewhere'));
    await grpc.check(check('orders.x', { authorization: 'Bearer own-secret-own-secret' }));
    const wrongAnswer = await grpc.check(check('wrong'));
    await grpc.check(check('missing'));
    await grpc.check(check('a/b\u202e\u0085\n'));
    t.is(wrongAnswer.deniedResponse.status.code, 503);

    t.deepEqual(
      injector
        .decisions()
        .map(({ level, effect, reason, rule, host, method }) => [level, effect, reason, rule, host, method]),
      [
        [30, 'allow', 'injected', 'orders', 'orders.x:80', 'GET'],
        [30, 'allow', 'no_entry', undefined, 'elsewhere', 'GET'],
        [30, 'allow', 'authorization_present', 'orders', 'orders.x', 'GET'],
        [50, 'unavailable', 'token_unavailable', 'wrong', 'wrong', 'GET'],
        [50, 'unavailable', 'token_unavailable', 'missing', 'missing', 'GET'],
        [40, 'deny', 'request_malformed', undefined, 'a/b\ufffd\ufffd\n', 'GET'],
      ],
    );
    const [first, , , fourth, fifth] = injector.decisions();
    t.deepEqual(Object.keys(first).toSorted(), [
      'decision_id',
      'door',
      'duration_us',
      'effect',
      'host',
      'level',
      'method',
      'reason',
      'request_id',
      'rule',
      'time',
    ]);
    t.regex(fourth.detail, /wrong holds a token without the audience "https:\/\/wrong\.example" in its aud$/);
    t.regex(fifth.detail, /missing cannot be read \(ENOENT\): there is no such file or folder$/);
    t.is(JSON.parse(wrongAnswer.deniedResponse.body).decision_id, fourth.decision_id);

    const events = injector.logged().filter(({ event }) => event?.startsWith('token_'));
    t.deepEqual(events.map(({ event, rule }) => [event, rule]).toSorted(), [
      ['token_read', 'orders'],
      ['token_unusable', 'missing'],
      ['token_unusable', 'wrong'],
    ]);
    const ready = await injector.page('/readyz');
    t.is(ready.status, 200);
    t.like(JSON.parse(ready.body), {
      state: 'serving',
      tokens: {
        orders: { usable: true },
        missing: { usable: false, failure: 'cannot be read (ENOENT): there is no such file or folder' },
      },
    });
    const metrics = await injector.page('/metrics');
    t.regex(
      metrics.body,
      /peerproof_inject_decisions_total\{effect="allow",reason="injected",rule="orders"\} 1/,
    );
    t.regex(metrics.body, /peerproof_inject_token_expiry_timestamp_seconds\{rule="orders"\} \d{10}/);
    t.notRegex(metrics.body, /expiry_timestamp_seconds\{rule="missing"\}/);

    const text = [...injector.lines, ready.body, metrics.body, JSON.stringify(wrongAnswer)].join('\n');
    for (const secret of ['query-secret', 'cookie-secret', 'own-secret']) t.false(text.includes(secret));
    for (const part of [...token.split('.'), ...wrong.split('.')]) t.false(text.includes(part.slice(-30)));
  } finally {
    grpc.close();
    await injector.drain();
  }
});

test('running – ready although no file is there; a check without a request is refused', async (t) => {
  const injector = await startInjector({
    tokens: [{ hosts: ['a'], audience: 'a', file: join(folder.path, 'none') }],
  });
  const grpc = openCheckClient(injector.grpcPort);
  try {
    t.is(await grpc.health(), 'SERVING');
    for (const request of [{}, { attributes: {} }, check('')]) {
      const answer = await grpc.check(request);
      t.is(answer.deniedResponse.status.code, 400);
    }
  } finally {
    grpc.close();
    await injector.drain();
  }
});

test('running – a failure inside is a denied 500, is logged, and lets nothing through', async (t) => {
  let broken = false;
  const file = join(mkdirs('broken'), 'a');
  writeFileSync(file, mint({ aud: 'a' }));
  const injector = await startInjector({ tokens: [{ hosts: ['a'], audience: 'a', file }] }, () => {
    if (broken) throw new Error('the clock is broken');
    return Date.now();
  });
  const grpc = openCheckClient(injector.grpcPort);
  try {
    broken = true;
    const answer = await grpc.check(check('a'));
    broken = false;
    t.is(answer.deniedResponse.status.code, 500);
    t.is(answer.status.code, 7);
    t.false(JSON.stringify(answer).includes('clock'));
    t.like(injector.decisions()[0], { effect: 'unavailable', reason: 'internal_error' });
  } finally {
    broken = false;
    grpc.close();
    await injector.drain();
  }
});

test('running – draining: NOT_SERVING, and tokens are given until the end', async (t) => {
  const file = join(mkdirs('drain'), 'orders');
  writeFileSync(file, mint());
  const injector = await startInjector({
    tokens: [{ hosts: ['orders'], audience: 'orders', file }],
    drain: { delay: '4s', timeout: '2s' },
  });
  const grpc = openCheckClient(injector.grpcPort);
  try {
    // The connection stands before the delay begins, which passes quickly on a busy machine.
    t.is(await grpc.health(), 'SERVING');
    const drained = injector.drain();
    t.is(injector.drain(), drained);
    t.is(await grpc.health(), 'NOT_SERVING');
    t.is((await injector.page('/readyz')).status, 503);
    t.truthy((await grpc.check(check('orders'))).okResponse);
    await drained;
    await t.throwsAsync(grpc.health());
    t.like(injector.logged().at(-1), { event: 'stopped' });
  } finally {
    grpc.close();
  }
});

function mkdirs(name: string): string {
  const path = join(folder.path, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}
