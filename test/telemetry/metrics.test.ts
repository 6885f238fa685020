import test from 'ava';
import { httpCheck } from '../support/check-client.ts';
import type { ReceivedMetric } from '../support/otlp-collector.ts';
import { openWorld } from './world.ts';

/** The lines of `/metrics` for a sum, a gauge or the count of a histogram, as `name{labels} value`. */
function linesOf({ name, kind, points }: ReceivedMetric): string[] {
  return points.map(({ attributes, value }) => {
    const labels = Object.entries(attributes).map(([label, text]) => `${label}="${text}"`);
    const suffix = kind === 'histogram' ? '_count' : '';
    return `${name}${suffix}${labels.length > 0 ? `{${labels.join(',')}}` : ''} ${value}`;
  });
}

test('metrics – an export says the same as /metrics', async (t) => {
  const { client, collector, peerproof, token } = await openWorld(t, { metrics: {} });
  await client.check(httpCheck(token));
  await client.check(httpCheck());
  const { body } = await peerproof.page('/metrics');
  await peerproof.drain();
  const metrics = collector.metrics();
  const named = (name: string) => metrics.find((metric) => metric.name === name);
  const page = new Set(body.split('\n'));
  for (const name of [
    'peerproof_decisions_total',
    'peerproof_check_duration_seconds',
    'peerproof_build_info',
    'peerproof_cache_limit_bytes',
    'peerproof_cache_misses_total',
  ]) {
    const metric = named(name);
    const lines = metric ? linesOf(metric) : [];
    t.true(lines.length > 0, name);
    for (const line of lines) t.true(page.has(line), line);
  }
  // Each family of the page is there.
  const families = [...page].flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
  t.deepEqual(
    families.filter((name) => !named(name)),
    [],
  );
});

test('metrics – kinds, units, buckets and temporality are those of OpenTelemetry', async (t) => {
  const { client, collector, peerproof, token } = await openWorld(t, { metrics: {} });
  await client.check(httpCheck(token));
  await peerproof.drain();
  const named = (name: string) => collector.metrics().find((metric) => metric.name === name);
  const decisions = named('peerproof_decisions_total');
  t.is(decisions?.kind, 'sum');
  t.true(decisions?.isMonotonic);
  t.is(decisions?.temporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
  t.deepEqual(decisions?.points, [
    { attributes: { effect: 'allow', reason: 'allowed', rule: 'any-bearer', door: 'grpc' }, value: 1 },
  ]);
  const durations = named('peerproof_check_duration_seconds');
  t.is(durations?.kind, 'histogram');
  t.is(durations?.unit, 's');
  const [point] = durations?.points ?? [];
  t.is(point?.value, 1);
  t.is(point?.buckets?.counts.length, (point?.buckets?.bounds.length ?? 0) + 1);
  t.is(
    point?.buckets?.counts.reduce((sum, count) => sum + count, 0),
    1,
  );
  t.is(named('peerproof_cache_limit_bytes')?.unit, 'By');
  t.is(named('peerproof_cache_limit_bytes')?.kind, 'gauge');
  t.is(named('process_cpu_seconds_total')?.unit, 's');
});
