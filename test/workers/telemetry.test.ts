import test from 'ava';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { startOtlpCollector } from '../support/otlp-collector.ts';
import { startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';
import { configFor } from '../telemetry/world.ts';

test('telemetry – workers send the spans, and the primary sends the metrics of all', async (t) => {
  const collector = await startOtlpCollector();
  t.teardown(collector.stop);
  const config = configFor(collector, { traces: { sample: 1 }, metrics: { every: '1s' } });
  const service = await startPeerproofProcess({ drain: { delay: '0ms' }, ...config }, ['--workers', '2']);
  t.teardown(service.stop);
  // Each connection goes to one of the workers.
  for (let connection = 0; connection < 20; connection++) {
    const client = openCheckClient(service.grpcPort);
    await client.check(httpCheck());
    client.close();
  }
  const decisions = () => {
    const metric = collector.metrics().find(({ name }) => name === 'peerproof_decisions_total');
    return metric?.points.reduce((sum, { value }) => sum + value, 0) ?? 0;
  };
  await waitFor('the metrics of all workers', 10_000, () => decisions() === 20);
  const workers = collector.metrics().find(({ name }) => name === 'peerproof_workers');
  t.deepEqual(workers?.points, [{ attributes: {}, value: 2 }]);
  t.is((await collector.spansNamed('peerproof.check', 20)).length, 20);
  // One series each: no worker sends its own.
  t.is(collector.metrics().filter(({ name }) => name === 'peerproof_decisions_total').length, 1);
  service.signal('SIGTERM');
  t.is((await service.ended).code, 0);
});
