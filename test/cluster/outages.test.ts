import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { waitFor } from '../support/wait.ts';
import { clusterTest, hasCluster } from './programs.ts';
import { startTeamWorld, type TeamReplica, type TeamWorld } from './team-world.ts';

let world: TeamWorld;

if (hasCluster)
  test.before(async () => {
    world = await startTeamWorld();
  });
test.after.always(() => world?.close());

const workload = 'spiffe://cluster.local/ns/shop/sa/api';
const open = (path: string) => ({
  name: 'open',
  public: true,
  match: { destinations: [workload], paths: [path] },
});

function start(more: { cacheFile?: string } = {}): Promise<TeamReplica> {
  const config: Omit<ConfigInput, 'listen'> = {
    peers: { trustDomains: { 'cluster.local': {} } },
    delegate: [{ owner: 'shop', namespaces: ['shop'], mayBePublic: true }],
    rules: [{ name: 'health', match: { paths: ['/healthz'] }, public: true }],
    rulesFrom: { kubernetes: { ...world.rulesFrom.kubernetes, ...more } },
  };
  return world.start(config);
}

const isAt = (replica: TeamReplica, path: string) =>
  waitFor(`${path} is at work`, 20_000, async () => (await replica.ask(workload, path)) === 'public');

clusterTest(
  'an API server that is gone – the last known rules stay, and what is new is at work when it is back',
  async (t) => {
    await world.apply('shop', 'rules', { rules: [open('/before')] });
    const replica = await start();
    await isAt(replica, '/before');
    await world.plane.stopApiServer();
    const { body } = await waitFor('the outage is seen', 10_000, async () => {
      const page = await replica.readyz();
      return page.body.rules_from.kubernetes.reason && page;
    });
    t.like(body, {
      ready: true,
      rules_from: { kubernetes: { objects: 1, reason: 'team_rules_unavailable' } },
    });
    t.true(body.rules_from.kubernetes.age_s >= 0);
    t.regex(body.rules_from.kubernetes.failure, /authorizationrules: .*(ECONNREFUSED|closed|terminated)/);
    t.regex(await replica.metrics(), /peerproof_rules_from_up\{source="kubernetes"\} 0/);
    t.is(await replica.ask(workload, '/before'), 'public');
    await world.plane.startApiServer();
    await world.apply('shop', 'rules', { rules: [open('/after')] });
    await isAt(replica, '/after');
    t.is(await replica.ask(workload, '/before'), 'no_rule');
    // The API server knows the roles a little later than it answers.
    await waitFor('all is well', 20_000, async () => {
      const page = await replica.readyz();
      return page.body.rules_from.kubernetes.reason === undefined;
    });
    const events = replica.lines.map((line) => JSON.parse(line).event);
    t.true(events.includes('team_rules_unavailable') && events.includes('team_rules_available'));
    await replica.drain();
  },
);

clusterTest(
  'an API server that is gone – a start waits for it, and answers by the rules of the platform meanwhile',
  async (t) => {
    await world.apply('shop', 'rules', { rules: [open('/before')] });
    await world.plane.stopApiServer();
    const replica = await start();
    await waitFor('the first try', 20_000, async () => (await replica.readyz()).body.state === 'serving');
    const { status, body } = await replica.readyz();
    t.is(status, 503);
    t.deepEqual(body.never_answered, ['rules of teams at the API server']);
    t.is(await replica.ask(workload, '/healthz'), 'public');
    t.is(await replica.ask(workload, '/before'), 'no_rule');
    await world.plane.startApiServer();
    await waitFor('it is ready', 20_000, async () => (await replica.readyz()).status === 200);
    t.is(await replica.ask(workload, '/before'), 'public');
    await replica.drain();
  },
);

clusterTest(
  'an API server that is gone – a start is served from the cache file, also with the last good form',
  async (t) => {
    const cacheFile = join(world.plane.folder, 'rules.json');
    await world.apply('shop', 'rules', { rules: [open('/good')] });
    const first = await start({ cacheFile });
    await isAt(first, '/good');
    await world.apply('shop', 'rules', { rules: [{ ...open('/broken'), requir: {} }] });
    await world.judged('shop', 'rules');
    await waitFor('the file', 10_000, async () => (await readFile(cacheFile, 'utf8')).includes('requir'));
    await first.drain();
    await world.plane.stopApiServer();
    const second = await start({ cacheFile });
    const { body } = await waitFor('it is ready', 20_000, async () => {
      const page = await second.readyz();
      return page.status === 200 && page;
    });
    t.like(body.rules_from.kubernetes, { objects: 1, cached: true });
    t.is(body.owners.shop.reason, 'last_good');
    t.is(await second.ask(workload, '/good'), 'public');
    t.is(await second.ask(workload, '/broken'), 'no_rule');
    await world.plane.startApiServer();
    await waitFor('the API server is heard', 20_000, async () => {
      const page = await second.readyz();
      return page.body.rules_from.kubernetes.cached === undefined;
    });
    t.is(await second.ask(workload, '/good'), 'public');
    await second.drain();
  },
);
