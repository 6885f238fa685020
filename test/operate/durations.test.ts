import test from 'ava';
import { AggregatorRegistry, Histogram, Registry } from 'prom-client';
import { addDurations } from '../../src/operate/durations.ts';

const [name, help, bounds] = ['some_seconds', 'Some.', [0.001, 0.01, 0.1]] as const;
const samples = [
  ['allow', 'grpc', 0.0005],
  ['allow', 'grpc', 0.001],
  ['allow', 'http', 0.0011],
  ['deny', 'forward-auth', 0.1],
  ['unavailable', 'grpc', 7],
] as const;

/** Both in the order of prom-client's map, so that only the content counts. */
const lines = (text: string) => text.trim().split('\n').sort();

test('durations – read like a histogram of prom-client with both labels', async (t) => {
  const [own, theirs] = [new Registry(), new Registry()];
  const { count } = addDurations(own, { name, help, bounds });
  const labelNames = ['effect', 'door'] as const;
  const histogram = new Histogram({ name, help, labelNames, buckets: [...bounds], registers: [theirs] });
  for (const [effect, door, seconds] of samples) {
    count(effect, door, seconds);
    histogram.observe({ effect, door }, seconds);
  }
  t.deepEqual(lines(await own.metrics()), lines(await theirs.metrics()));
});

test('durations – those of several processes are added', async (t) => {
  const registries = [new Registry(), new Registry()];
  for (const registry of registries)
    addDurations(registry, { name, help, bounds }).count('allow', 'grpc', 0.005);
  const snapshots = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
  const text = await AggregatorRegistry.aggregate(snapshots).metrics();
  t.regex(text, /^some_seconds_bucket\{le="0\.01",effect="allow",door="grpc"\} 2$/m);
  t.regex(text, /^some_seconds_count\{effect="allow",door="grpc"\} 2$/m);
});
