import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { httpCheck } from '../support/check-client.ts';
import { configText } from '../support/peerproof.ts';
import { waitFor } from '../support/wait.ts';
import { configFor, openWorld } from './world.ts';

const all = { traces: { sample: 1 } };

test('exports – a collector that refuses is reported once, and its spans are counted', async (t) => {
  const { client, collector, peerproof } = await openWorld(t, {
    traces: { sample: 1, maxPerSecond: 10_000 },
  });
  collector.manner = 'refuse';
  // Full exports do not wait for the timer.
  await Promise.all(Array.from({ length: 1_024 }, () => client.check(httpCheck())));
  const lost = () => peerproof.metric('peerproof_spans_dropped_total', { cause: 'export' });
  await waitFor('the exports have failed', 5_000, async () => (await lost()) >= 1_024);
  collector.manner = 'take';
  await client.check(httpCheck());
  await peerproof.drain();
  const events = peerproof.lines
    .map((line) => JSON.parse(line))
    .filter(({ event }) => /telemetry/.test(event));
  t.deepEqual(
    events.map(({ event, signal }) => [event, signal]),
    [
      ['telemetry_unavailable', 'traces'],
      ['telemetry_available', 'traces'],
    ],
  );
  t.is(collector.spans.length, 1);
});

test('exports – a collector that hangs delays no check, and the end by no more than its bound', async (t) => {
  const { client, collector, peerproof } = await openWorld(t, {
    ...all,
    metrics: { every: '1s' },
    timeout: '60s',
  });
  collector.manner = 'hang';
  await client.check(httpCheck());
  const began = performance.now();
  await peerproof.drain();
  const took = performance.now() - began;
  t.true(collector.requests.length > 0);
  t.true(took >= 2_900, `${took}`);
});

test('exports – a queue that is full drops spans and counts them', async (t) => {
  const { client, collector, peerproof } = await openWorld(t, {
    timeout: '10m',
    traces: { sample: 1, maxPerSecond: 100_000 },
  });
  collector.manner = 'hang';
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 500 }, () => client.check(httpCheck())));
  t.is(await peerproof.metric('peerproof_spans_dropped_total', { cause: 'queue' }), 2_500 - 2_048);
});

test('exports – they have the headers of the files, and a path behind that of the endpoint', async (t) => {
  const { collector, client, peerproof } = await openWorld(t, all);
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-telemetry-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'authorization');
  writeFileSync(file, 'Bearer of-the-collector\n');
  const endpoint = `${collector.url}/tenant/`;
  const telemetry = { ...all, endpoint, headerFiles: { authorization: file } };
  await peerproof.reload(configText(configFor(collector, telemetry)));
  await client.check(httpCheck());
  await peerproof.drain();
  const last = collector.requests.at(-1);
  t.is(last?.path, '/tenant/v1/traces');
  t.is(last?.headers.authorization, 'Bearer of-the-collector');
  t.false(peerproof.lines.some((line) => line.includes('of-the-collector')));
});

test('exports – a reload turns them on and off', async (t) => {
  const { collector, client, peerproof } = await openWorld(t, all, { telemetry: undefined });
  await client.check(httpCheck());
  t.false((await peerproof.page('/metrics')).body.includes('peerproof_spans'));
  await peerproof.reload(configText(configFor(collector, { ...all, serviceName: 'doorman' })));
  await client.check(httpCheck());
  await peerproof.reload(configText(configFor(collector, {}, { telemetry: undefined, realm: 'off' })));
  await client.check(httpCheck());
  const [span, ...others] = await collector.spansNamed('peerproof.check');
  t.is(span?.resource['service.name'], 'doorman');
  t.is(others.length, 0);
});
