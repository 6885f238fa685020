import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/config/load.ts';
import { leavingOut } from '../../src/config/teams/handling.ts';
import { serve } from '../../src/serve/start.ts';
import { createTeamFolder } from '../config/teams/team-folder.ts';
import { openCheckClient } from '../support/check-client.ts';
import { fetchPage } from '../support/peerproof.ts';
import { waitFor } from '../support/wait.ts';
import { yaml } from './reload-world.ts';

const platform = (more: object = {}) =>
  yaml({
    delegate: [
      { owner: 'payments', hosts: ['payments.test'], mayBePublic: true },
      { owner: 'billing', hosts: ['billing.test'], mayBePublic: true },
    ],
    include: 'rules.d/*.yaml',
    rules: [],
    ...more,
  });
const open = (owner: string, path = '/pay') =>
  JSON.stringify({
    owner,
    rules: [{ name: 'open', match: { hosts: [`${owner}.test`], paths: [path] }, public: true }],
  });

/** A service whose teams have each one open path. */
async function startTeams(t: ExecutionContext, files: Readonly<Record<string, string>>) {
  const folder = createTeamFolder(t, { 'peerproof.yaml': platform(), ...files });
  const teams = leavingOut();
  const load = () => loadConfig(folder.file, teams);
  const lines: string[] = [];
  const running = await serve(load(), {
    log: { write: (line: string) => lines.push(line) },
    reload: { load, files: [folder.file] },
  });
  t.teardown(() => running.drain());
  await running.ready;
  const client = openCheckClient(running.grpcPort);
  t.teardown(() => client.close());
  return {
    ...folder,
    ask: async (owner: string, path = '/pay') =>
      (await client.check(checkOf(`${owner}.test`, path))).status.message,
    readyz: async () => JSON.parse((await fetchPage(running.adminPort, '/readyz')).body),
    metrics: async () =>
      (await fetchPage(running.adminPort, '/metrics')).body
        .split('\n')
        .filter((line) => line.startsWith('peerproof_owner_')),
    events: () =>
      lines
        .map((line) => JSON.parse(line))
        .filter(({ event }) => /^owner_rules/.test(event ?? ''))
        .map(({ event, owner, rules }) => `${event} ${owner} ${rules}`),
    reload: async () => running.reload?.(),
  };
}

function checkOf(host: string, path: string) {
  return { attributes: { request: { http: { method: 'GET', host, path, headers: {} } } } };
}

const both = { 'rules.d/payments.yaml': open('payments'), 'rules.d/billing.yaml': open('billing') };

test('teams – a broken file leaves its last good rules at work, is named, and concerns nobody else', async (t) => {
  const world = await startTeams(t, both);
  const { version } = (await world.readyz()).configuration;
  t.deepEqual(await world.metrics(), [
    'peerproof_owner_rules{owner="payments"} 1',
    'peerproof_owner_rules{owner="billing"} 1',
    'peerproof_owner_info{owner="payments",state="accepted"} 1',
    'peerproof_owner_info{owner="billing",state="accepted"} 1',
  ]);
  world.put('rules.d/billing.yaml', 'owner: billing\nrules: [');
  await world.reload();
  t.is(await world.ask('billing'), 'public');
  const { configuration, owners, ready } = await world.readyz();
  t.deepEqual([ready, configuration.version, configuration.refused], [true, version, undefined]);
  t.like(owners.billing, { reason: 'last_good', rules: 1 });
  t.regex(owners.billing.failure, /rules\.d\/billing\.yaml:2: is not YAML/);
  t.deepEqual(Object.keys(owners), ['billing']);
  t.true((await world.metrics()).includes('peerproof_owner_info{owner="billing",state="last_good"} 1'));
  t.false((await world.metrics()).includes('peerproof_owner_info{owner="billing",state="accepted"} 1'));
  world.put('rules.d/payments.yaml', open('payments', '/new'));
  await world.reload();
  t.deepEqual([await world.ask('payments', '/new'), await world.ask('billing')], ['public', 'public']);
  world.put('rules.d/billing.yaml', open('billing'));
  await world.reload();
  t.is((await world.readyz()).owners, undefined);
  t.deepEqual(world.events(), ['owner_rules_refused billing 1', 'owner_rules_accepted billing 1']);
});

test('teams – a start with a broken file serves the others, and says loudly who is left out', async (t) => {
  const world = await startTeams(t, { ...both, 'rules.d/billing.yaml': 'broken' });
  t.deepEqual([await world.ask('payments'), await world.ask('billing')], ['public', 'no_rule']);
  t.deepEqual(world.events(), ['owner_rules_refused billing 0']);
  t.like((await world.readyz()).owners.billing, { reason: 'left_out', rules: 0 });
});

test('teams – new, changed and removed files are noticed, also after one that changed no rule', async (t) => {
  const world = await startTeams(t, { 'rules.d/payments.yaml': open('payments') });
  const becomes = (what: string, owner: string, path: string, reason: string) =>
    waitFor(what, 8_000, async () => (await world.ask(owner, path)) === reason);
  world.put('rules.d/billing.yaml', 'broken');
  await waitFor('the broken one', 8_000, async () => (await world.readyz()).owners?.billing);
  world.put('rules.d/billing.yaml', open('billing'));
  await becomes('the mended one', 'billing', '/pay', 'public');
  world.put('rules.d/payments.yaml', open('payments', '/new'));
  await becomes('the changed one', 'payments', '/new', 'public');
  world.remove('rules.d/billing.yaml');
  await becomes('the removal', 'billing', '/pay', 'no_rule');
  t.is(await world.ask('payments', '/new'), 'public');
});

test('teams – two teams on one route are named, and the first one decides', async (t) => {
  const world = await startTeams(t, both);
  const meeting = (owner: string) => ({ owner, hosts: ['**.test'], mayBePublic: true });
  world.put('peerproof.yaml', platform({ delegate: [meeting('payments'), meeting('billing')] }));
  world.put('rules.d/billing.yaml', open('billing').replace('billing.test', '*.test'));
  await world.reload();
  const { owners } = await world.readyz();
  t.regex(owners.billing.failure, /some requests of the rule open are decided by payments\/open/);
  t.deepEqual(world.events(), ['owner_rules_conflicted billing 1']);
});
