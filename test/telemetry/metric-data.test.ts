import test from 'ava';
import { Histogram, Registry } from 'prom-client';
import { metricData } from '../../src/telemetry/metric-data.ts';

const period = { startTime: [1, 0], endTime: [2, 0] } as {
  startTime: [number, number];
  endTime: [number, number];
};

test('metric – a histogram of prom-client keeps its labels apart and its buckets alone', async (t) => {
  const registry = new Registry();
  const made = new Histogram({
    ...{ name: 'took_seconds', help: 'How long it took.', labelNames: ['door'] },
    ...{ buckets: [0.1, 1], registers: [registry] },
  });
  for (const seconds of [0.05, 0.5, 0.6, 7]) made.observe({ door: 'grpc' }, seconds);
  made.observe({ door: 'http' }, 0.1);
  const [read] = await registry.getMetricsAsJSON();
  const data = read && metricData(read as never, period);
  t.deepEqual(
    data?.dataPoints.map(({ attributes, value }) => [attributes, value]),
    [
      [{ door: 'grpc' }, { buckets: { boundaries: [0.1, 1], counts: [1, 2, 1] }, sum: 8.15, count: 4 }],
      [{ door: 'http' }, { buckets: { boundaries: [0.1, 1], counts: [1, 0, 0] }, sum: 0.1, count: 1 }],
    ] as never,
  );
});

test('metric – a kind that OpenTelemetry does not have is left out', (t) => {
  for (const type of ['summary', 'constructor', undefined])
    t.is(metricData({ name: 'a', help: '', type, values: [] }, period), undefined);
});

test('metric – the unit is that of the name', (t) => {
  const unit = (name: string) =>
    metricData({ name, help: '', type: 'gauge', values: [] }, period)?.descriptor.unit;
  t.is(unit('a_seconds'), 's');
  t.is(unit('a_seconds_total'), 's');
  t.is(unit('a_bytes'), 'By');
  t.is(unit('a_total'), '');
  t.is(unit('a_constructor'), '');
});
