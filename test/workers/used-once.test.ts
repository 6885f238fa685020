import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { UsedMemory } from '../../src/core/used/used-memory.ts';
import { answerUse, askPrimary } from '../../src/workers/ask-primary.ts';
import { createAssertionWorld, reasonOf } from '../support/assertions.ts';
import { openCheckClient } from '../support/check-client.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';

const workersOf = ({ pid }: PeerproofProcess) =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(Number)
    .filter((child) => child > 0 && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('serve'));

test('workers – what one worker has seen is known to all, also of requests at the same time', async (t) => {
  const world = createAssertionWorld({ drain: { delay: '0ms', timeout: '1s' } });
  const service = await startPeerproofProcess(world.config, ['--workers', '2']);
  t.teardown(() => service.stop());
  await waitFor('both workers', 20_000, async () => {
    const { body } = await service.page('/readyz');
    return JSON.parse(body).workers.serving === 2;
  });
  const clients = Array.from({ length: 12 }, () => openCheckClient(service.grpcPort));
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  for (let round = 0; round < 5; round++) {
    const request = world.request(`round ${round}`);
    const reasons = await Promise.all(clients.map((client) => reasonOf(client, request)));
    t.deepEqual(reasons.toSorted(), ['allowed', ...clients.slice(1).map(() => 'proof_replayed')]);
  }
  // Each worker alone: the other one cannot take the connection.
  const [one = 0, other = 0] = workersOf(service);
  const request = world.request('to both');
  const askOnly = async (stopped: number) => {
    process.kill(stopped, 'SIGSTOP');
    const client = openCheckClient(service.grpcPort);
    try {
      return await reasonOf(client, request);
    } finally {
      client.close();
      process.kill(stopped, 'SIGCONT');
    }
  };
  t.deepEqual([await askOnly(other), await askOnly(one)], ['allowed', 'proof_replayed']);
  const { body } = await service.page('/metrics');
  t.regex(body, /^peerproof_used_proofs 6$/m);
});

test('workers – without a primary that answers, a proof is refused', async (t) => {
  const now = Date.now();
  const use = askPrimary().use({ id: 'a', until: now + 1_000 }, 'owner', { now, deadline: now + 1_000 });
  await t.throwsAsync(async () => use, { instanceOf: DependencyError, message: /primary/ });
});

test('workers – a check that has waited before waits for the primary no longer than its deadline', async (t) => {
  // A primary that takes the question and says nothing.
  Object.assign(process, { connected: true, send: () => true });
  t.teardown(() => Object.assign(process, { connected: false, send: undefined }));
  const now = Date.now();
  const use = askPrimary().use({ id: 'a', until: now }, 'owner', { now: now - 2_000, deadline: now });
  const waits = Promise.resolve(use).catch((error) => error);
  const ended = await Promise.race([waits, sleep(900, 'it still waits')]);
  t.true(ended instanceof DependencyError, String(ended));
});

test('workers – the primary answers each question once, and says why it cannot', (t) => {
  const memory = new UsedMemory(() => 400);
  const ask = (useRequest: number, id: string) =>
    answerUse({ useRequest, once: { id, until: 2_000 }, owner: 'owner', now: 1_000 }, memory);
  t.deepEqual(ask(1, 'a'), { useAnswer: 1, isFirst: true });
  t.deepEqual(ask(2, 'a'), { useAnswer: 2, isFirst: false });
  t.deepEqual(ask(3, 'b'), { useAnswer: 3, failure: '1 used proofs fill the memory' });
});
