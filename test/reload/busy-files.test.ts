import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type LoadedConfig, parseConfig } from '../../src/config/load.ts';
import { createLineLog } from '../../src/operate/log-line.ts';
import { Reloading } from '../../src/serve/reloading.ts';
import { waitFor } from '../support/wait.ts';

/** Two files are watched. One of them is written all the time. */
function start(t: ExecutionContext, load: () => LoadedConfig) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-busy-'));
  const files = ['platform.yaml', 'team.yaml'].map((name) => join(folder, name));
  let writes = 0;
  const write = (file = '') => writeFileSync(file, `${writes++}`);
  for (const file of files) write(file);
  const busy = setInterval(() => write(files[1]), 1);
  const running = parseConfig('rules: [{name: a, public: true}]\n', 'x');
  const reloading = new Reloading({
    ...{ load, files, every: 20, log: createLineLog({ write: () => true }) },
    adopt: async () => undefined,
    current: () => ({ loaded: running, loadedAt: 0 }),
  });
  t.teardown(() => {
    reloading.stop();
    clearInterval(busy);
    rmSync(folder, { recursive: true, force: true });
  });
  reloading.start();
  return { change: () => write(files[0]), running };
}

test('reload – a file that never rests does not hold up the others', async (t) => {
  let loads = 0;
  const { change, running } = start(t, () => {
    loads++;
    return running;
  });
  change();
  await waitFor('a load', 5_000, () => loads > 0);
  t.pass();
});

test('reload – reading is followed by a pause, so that a file that never rests leaves time for checks', async (t) => {
  const busy = 30;
  const begun: number[] = [];
  const { running } = start(t, () => {
    begun.push(performance.now());
    while (performance.now() < (begun.at(-1) ?? 0) + busy);
    return running;
  });
  await waitFor('three more loads', 5_000, () => begun.length > 3);
  for (const [at, time] of begun.entries()) if (at > 0) t.true(time - (begun[at - 1] ?? 0) >= 1.9 * busy);
});
