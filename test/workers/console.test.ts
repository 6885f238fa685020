import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { askPort, readStream } from '../support/console-world.ts';
import { startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';

const rules: ConfigInput['rules'] = [{ name: 'health', match: { paths: ['/'] }, public: true }];

test('console – with several processes, it shows the decisions and the counts of all of them', async (t) => {
  const config = { drain: { delay: '0ms', timeout: '2s' }, rules };
  const service = await startPeerproofProcess(config, ['--workers', '2']);
  t.teardown(() => service.stop());
  const read = async (path: string) => JSON.parse((await askPort(service.adminPort, path)).body);
  await waitFor('both workers', 30_000, async () => {
    const { workers } = await read('/console/api/state');
    return workers.serving === 2;
  });
  const stream = readStream(t, service.adminPort);
  await stream.opened;
  for (let n = 0; n < 12; n++) {
    // Each connection may come to another worker.
    const client = openCheckClient(service.grpcPort);
    await client.check(httpCheck());
    client.close();
  }
  await stream.waitFor(12);
  const { rules: rows } = await read('/console/api/rules');
  t.like(rows[0], { rule: 'health', allowed: 12, refused: 0 });
  const state = await read('/console/api/state');
  t.like(state, { state: 'Serving', workers: { wanted: 2, serving: 2 } });
  t.is(state.configuration.sentence, 'The running configuration is the one in the file.');
  t.true((await read('/console/api/configuration')).yaml.includes('name: health'));
});
