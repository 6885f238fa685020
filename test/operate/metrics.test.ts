import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { createMetrics } from '../../src/operate/metrics.ts';
import type { IssuerState } from '../../src/operate/states.ts';
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

test('metrics – durations are in seconds', async (t) => {
  const metrics = createMetrics(() => []);
  metrics.decided(allow, 'grpc', 2_000);
  const text = await metrics.registry.metrics();
  t.regex(text, /peerproof_check_duration_seconds_sum\{effect="allow"\} 0\.002/);
  t.regex(text, /peerproof_check_duration_seconds_bucket\{le="0\.001",effect="allow"\} 0/);
  t.regex(text, /peerproof_check_duration_seconds_bucket\{le="0\.0025",effect="allow"\} 1/);
});

test('metrics – age, fetches and failures of the keys are those of the moment', async (t) => {
  const others = { bulkhead: { waiting: 0, refused: 0 }, keys: true, reason: '', failure: undefined };
  const corp: IssuerState = { issuer: 'corp', keyAge: 12.5, fetches: 3, failures: 1, ...others };
  const partner: IssuerState = { issuer: 'partner', keyAge: undefined, fetches: 2, failures: 2, ...others };
  let states: IssuerState[] = [corp, partner];
  const metrics = createMetrics(() => states);
  t.deepEqual(await valuesOf(metrics, 'peerproof_jwks_age_seconds'), [{ issuer: 'corp', value: 12.5 }]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_jwks_fetches_total'), [
    { issuer: 'corp', value: 3 },
    { issuer: 'partner', value: 2 },
  ]);
  states = [{ ...corp, keyAge: 1, fetches: 4 }];
  t.deepEqual(await valuesOf(metrics, 'peerproof_jwks_age_seconds'), [{ issuer: 'corp', value: 1 }]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_jwks_fetches_total'), [{ issuer: 'corp', value: 4 }]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_jwks_failures_total'), [{ issuer: 'corp', value: 1 }]);
});

test('metrics – a full bulkhead is seen: checks that wait, and those that found no place, by issuer', async (t) => {
  const common = { keyAge: 1, fetches: 1, failures: 0, keys: true, reason: '', failure: undefined };
  const metrics = createMetrics(() => [
    { issuer: 'corp', ...common, bulkhead: { waiting: 250, refused: 7_000 } },
    { issuer: 'partner', ...common, bulkhead: { waiting: 0, refused: 0 } },
  ]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_checks_waiting'), [
    { issuer: 'corp', value: 250 },
    { issuer: 'partner', value: 0 },
  ]);
  t.deepEqual(await valuesOf(metrics, 'peerproof_checks_shed_total'), [
    { issuer: 'corp', value: 7_000 },
    { issuer: 'partner', value: 0 },
  ]);
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
