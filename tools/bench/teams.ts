/**
 * `node tools/bench/teams.ts`: 200 namespaces with 50 rules each at a real API server, and three replicas that watch them.
 * Prints how long a change takes until each replica decides by it, the memory, and how long a check takes meanwhile.
 * Needs kube-apiserver and etcd, as test/cluster does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigInput } from '../../src/config/schema.ts';
import { objectsPath, startTeamWorld } from '../../test/cluster/team-world.ts';
import { type CheckClient, openCheckClient } from '../../test/support/check-client.ts';
import { configText, fetchPage } from '../../test/support/peerproof.ts';
import { freePort } from '../../test/support/ports.ts';
import { startProcess } from '../../test/support/processes.ts';
import { table } from '../docs/table.ts';
import { ownCheckout, programOf } from './servers/server.ts';

const namespaces = 200;
const rulesOfEach = 50;
const changes = 20;
/** Before each look at the memory, so that the loads are equal. */
const checksBefore = 10_000;
const quietFor = 10_000;

const workload = (n: number) => `spiffe://cluster.local/ns/team-${n}/sa/api`;
const spec = (n: number, version: number) => ({
  rules: Array.from({ length: rulesOfEach }, (_, at) => ({
    name: `rule-${at}`,
    match: { destinations: [workload(n)], methods: ['GET'], paths: [`/v${version}/orders/${at}/**`] },
    require: { issuers: ['corp'], scopes: [`orders-${at}.read`] },
  })),
});

const world = await startTeamWorld();
const config: ConfigInput = {
  issuers: { corp: { issuer: 'https://127.0.0.1:1', audiences: ['orders'] } },
  peers: { trustDomains: { 'cluster.local': {} } },
  rules: [{ name: 'health', match: { paths: ['/healthz'] }, public: true }],
  delegate: Array.from({ length: namespaces }, (_, n) => ({
    ...{ owner: `team-${n}`, namespaces: [`team-${n}`], issuers: ['corp'] },
  })),
  rulesFrom: world.rulesFrom,
};

/** Whether a rule of this version covers the request: without one it is another refusal. */
async function knows(client: CheckClient, n: number, version: number): Promise<boolean> {
  const { status } = await client.check(check(n, version));
  return status.message !== 'no_rule';
}

function check(n: number, version: number) {
  const http = { method: 'GET', host: 'app.test', path: `/v${version}/orders/7/1`, headers: {} };
  return { attributes: { request: { http }, destination: { principal: workload(n) } } };
}

/** A replica with the settings of the image. */
async function startReplica() {
  const [grpcPort, adminPort] = [await freePort(), await freePort()];
  const file = `${world.plane.folder}/replica-${grpcPort}.yaml`;
  const listen = { grpc: `127.0.0.1:${grpcPort}`, admin: `127.0.0.1:${adminPort}` };
  writeFileSync(file, configText({ ...config, listen }));
  const child = await startProcess({
    name: 'peerproof',
    command: 'sh',
    args: ['-c', 'exec "$@" >/dev/null', 'sh', ...programOf(ownCheckout), 'serve', '--config', file],
    ready: () =>
      fetchPage(adminPort, '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    readyWithinMs: 60_000,
  });
  return { ...child, grpcPort };
}

const memory = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
const ms = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

/** How long each of many checks takes, one after the other. */
async function latencies(client: CheckClient, until: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  while (!until()) {
    const began = performance.now();
    await client.check(check(3, 0));
    taken.push(performance.now() - began);
  }
  return taken.sort((a, b) => a - b);
}

try {
  const replicas = await Promise.all([1, 2, 3].map(startReplica));
  const clients = replicas.map(({ grpcPort }) => openCheckClient(grpcPort));
  for (const client of clients)
    for (let n = 0; n < checksBefore; n++)
      if (await knows(client, n % namespaces, 0))
        throw new Error('there is a rule before there is an object');
  const before = replicas.map(({ pid }) => memory(pid));
  const began = performance.now();
  for (let n = 0; n < namespaces; n++) await world.apply(`team-${n}`, 'rules', spec(n, 0));
  const created = performance.now();
  for (const client of clients) while (!(await knows(client, namespaces - 1, 0))) await sleep(20);
  const filled = performance.now();
  for (let n = 0; n < namespaces; n++) await world.judged(`team-${n}`, 'rules');
  const judged = performance.now();
  for (const client of clients) for (let n = 0; n < checksBefore; n++) await knows(client, n % namespaces, 0);
  const after = replicas.map(({ pid }) => memory(pid));

  const [client] = clients as [CheckClient, ...CheckClient[]];
  let end = performance.now() + quietFor;
  const quiet = await latencies(client, () => performance.now() > end);

  const work: number[] = [];
  let isDone = false;
  const busy = latencies(openCheckClient(replicas[0]?.grpcPort ?? 0), () => isDone);
  for (let version = 1; version <= changes; version++) {
    const path = `${objectsPath('team-7')}/rules`;
    await world.plane.ask('PATCH', path, { spec: spec(7, version) });
    const changed = performance.now();
    await Promise.all(
      clients.map(async (one) => {
        while (!(await knows(one, 7, version))) await sleep(5);
        work.push(performance.now() - changed);
      }),
    );
    await sleep(500);
  }
  isDone = true;
  const during = await busy;
  work.sort((a, b) => a - b);
  end = performance.now() + quietFor;
  const quietAgain = await latencies(client, () => performance.now() > end);
  const later = replicas.map(({ pid }) => memory(pid));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const checks = (one: readonly number[]) =>
    [ms(at(one, 0.5)), ms(at(one, 0.99)), ms(at(one, 1))].join(' / ');
  console.log(
    table(
      ['measured', 'value'],
      [
        [`${namespaces} objects are created, one after the other`, ms(created - began)],
        ['then until all three replicas decide by the last one', ms(filled - created)],
        ['then until each object has its status', ms(judged - filled)],
        ['a change until a replica decides by it: median', ms(at(work, 0.5))],
        ['a change until a replica decides by it: slowest', ms(at(work, 1))],
        ['memory of a replica without an object', `${mean(before).toFixed(0)} MB`],
        ['memory with all of them', `${mean(after).toFixed(0)} MB`],
        [`memory after ${changes} changes`, `${mean(later).toFixed(0)} MB`],
        ['a check, quiet: median / 99 % / slowest', checks(quiet)],
        ['a check, a change each half second: median / 99 % / slowest', checks(during)],
        ['a check, quiet again: median / 99 % / slowest', checks(quietAgain)],
      ],
    ),
  );
  for (const one of clients) one.close();
  await Promise.all(replicas.map((one) => one.stop()));
} finally {
  await world.close();
}
process.exit();
