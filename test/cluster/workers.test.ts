import { readFile } from 'node:fs/promises';
import test from 'ava';
import { openCheckClient } from '../support/check-client.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';
import { clusterTest, hasCluster } from './programs.ts';
import { startTeamWorld, type TeamWorld } from './team-world.ts';

let world: TeamWorld;
let service: PeerproofProcess | undefined;

const workload = 'spiffe://cluster.local/ns/shop/sa/api';
const open = (path: string) => ({
  name: 'open',
  public: true,
  match: { destinations: [workload], paths: [path] },
});

if (hasCluster)
  test.before(async () => {
    world = await startTeamWorld();
  });
test.after.always(async () => {
  await service?.stop();
  await world?.close();
});

/** How many of several connections are let through. Each goes to one of the workers. */
async function allowedOf(port: number, path: string): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const client = openCheckClient(port);
      const http = { method: 'GET', host: 'app.test', path, headers: {} };
      const attributes = { request: { http }, destination: { principal: workload } };
      const answer = await client.check({ attributes }).finally(() => client.close());
      return answer.okResponse ? 1 : 0;
    }),
  );
  return answers.reduce<number>((sum, one) => sum + one, 0);
}

clusterTest(
  'workers – the primary watches for all: a start, a change, a broken form, and one that ends',
  async (t) => {
    await world.apply('shop', 'rules', { rules: [open('/first')] });
    service = await startPeerproofProcess(
      {
        peers: { trustDomains: { 'cluster.local': {} } },
        delegate: [{ owner: 'shop', namespaces: ['shop'], mayBePublic: true }],
        rules: [],
        rulesFrom: world.rulesFrom,
      },
      ['--workers', '2'],
    );
    const { grpcPort } = service;
    t.is(await allowedOf(grpcPort, '/first'), 12);
    await world.apply('shop', 'rules', { rules: [open('/second')] });
    await waitFor('all know the change', 10_000, async () => (await allowedOf(grpcPort, '/second')) === 12);
    t.is(await allowedOf(grpcPort, '/first'), 0);
    await world.apply('shop', 'rules', { rules: [{ ...open('/third'), requir: {} }] });
    await world.judged('shop', 'rules');

    // A new worker does not know the last good form by itself.
    const pids = await workersOf(service.pid);
    t.is(pids.length, 2);
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await waitFor('another worker', 20_000, async () => {
      const now = await workersOf(service?.pid ?? 0);
      return now.length === 2 && !now.includes(pids[0] ?? 0);
    });
    await waitFor(
      'all serve',
      20_000,
      async () => (await allowedOf(grpcPort, '/second').catch(() => 0)) === 12,
    );
    t.is(await allowedOf(grpcPort, '/third'), 0);
    const { body } = await service.page('/readyz');
    t.like(JSON.parse(body), { ready: true, rules_from: { kubernetes: { objects: 1 } } });
    const metrics = (await service.page('/metrics')).body;
    t.is(metrics.match(/# HELP peerproof_rules_from_up/g)?.length, 1);
  },
);

/** The processes that another one has started. */
async function workersOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}
