import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { createMetrics } from '../../src/operate/metrics.ts';
import { allowOf } from '../support/answers.ts';

const allow = allowOf({ rule: { name: 'orders' } as never });
const deny: Decision = { id: '2', found: {}, effect: 'deny', reason: 'no_rule', detail: 'GET /secret' };
const outage: Decision = {
  id: '3',
  found: {},
  effect: 'unavailable',
  reason: 'issuer_unavailable',
  detail: 'x',
};

async function valuesOf(metrics: ReturnType<typeof createMetrics>, name: string) {
  const found = await metrics.registry.getSingleMetric(name)?.get();
  return (found?.values ?? []).map(({ labels, value }) => ({ ...labels, value }));
}

test('metrics – decisions by effect, reason, rule and door', async (t) => {
  const metrics = createMetrics(() => []);
  for (const decision of [allow, allow, deny, outage]) metrics.decided(decision, 'grpc', 100);
  t.deepEqual(await valuesOf(metrics, 'peerproof_decisions_total'), [
    { effect: 'allow', reason: 'allowed', rule: 'orders', door: 'grpc', value: 2 },
    { effect: 'deny', reason: 'no_rule', rule: '', door: 'grpc', value: 1 },
    { effect: 'unavailable', reason: 'issuer_unavailable', rule: '', door: 'grpc', value: 1 },
  ]);
});

test('metrics – a request that is only observed is an allow, and counts with what would refuse it', async (t) => {
  const metrics = createMetrics(() => []);
  const wouldDeny = { reason: 'scope_missing', detail: 'missing: secret' } as const;
  metrics.decided({ ...allow, reason: 'observed', proven: {}, wouldDeny } as Decision, 'grpc', 100);
  t.like(await valuesOf(metrics, 'peerproof_decisions_total'), [{ effect: 'allow', reason: 'observed' }]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_would_deny_total'), [
    { reason: 'scope_missing', rule: 'orders', value: 1 },
  ]);
});

test('metrics – names of observed rules that change with each reload do not fill the memory', async (t) => {
  const metrics = createMetrics(() => []);
  const wouldDeny = { reason: 'scope_missing', detail: '' } as const;
  for (let at = 0; at <= 20_000; at++) {
    const decision = {
      ...allow,
      found: { rule: { name: `team/r${at}` } },
      reason: 'observed',
      proven: {},
      wouldDeny,
    };
    metrics.decided(decision as Decision, 'grpc', 100);
  }
  t.deepEqual(await valuesOf(metrics, 'peerproof_would_deny_total'), [
    { reason: 'scope_missing', rule: 'team/r20000', value: 1 },
  ]);
});

test('metrics – no label holds what a caller sent', async (t) => {
  const metrics = createMetrics(() => []);
  metrics.decided(deny, 'grpc', 100);
  t.notRegex(await metrics.registry.metrics(), /secret/);
});

test('metrics – checks that are not answered yet', async (t) => {
  const metrics = createMetrics(() => []);
  metrics.started();
  metrics.started();
  t.deepEqual(await valuesOf(metrics, 'peerproof_checks_in_flight'), [{ value: 2 }]);
  metrics.decided(allow, 'grpc', 1);
  metrics.decided(deny, 'grpc', 1);
  t.deepEqual(await valuesOf(metrics, 'peerproof_checks_in_flight'), [{ value: 0 }]);
});

test('metrics – durations are in seconds, by effect and door', async (t) => {
  const metrics = createMetrics(() => []);
  metrics.decided(allow, 'grpc', 2_000);
  const text = await metrics.registry.metrics();
  t.regex(text, /peerproof_check_duration_seconds_sum\{effect="allow",door="grpc"\} 0\.002/);
  t.regex(text, /peerproof_check_duration_seconds_bucket\{le="0\.001",effect="allow",door="grpc"\} 0/);
  t.regex(text, /peerproof_check_duration_seconds_bucket\{le="0\.0025",effect="allow",door="grpc"\} 1/);
});

test('metrics – dropped log lines are counted', async (t) => {
  const metrics = createMetrics(() => []);
  metrics.dropped();
  metrics.dropped();
  t.deepEqual(await valuesOf(metrics, 'peerproof_log_lines_dropped_total'), [{ value: 2 }]);
});

test('metrics – lines beyond the bound are counted apart from those that nobody read', async (t) => {
  const metrics = createMetrics(() => []);
  metrics.limited();
  t.deepEqual(await valuesOf(metrics, 'peerproof_log_lines_limited_total'), [{ value: 1 }]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_log_lines_dropped_total'), [{ value: 0 }]);
});

test('metrics – two services in one process do not share them', async (t) => {
  const [one, other] = [createMetrics(() => []), createMetrics(() => [])];
  one.decided(allow, 'grpc', 1);
  t.deepEqual(await valuesOf(other, 'peerproof_decisions_total'), []);
});
