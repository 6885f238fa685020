import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { configText } from '../support/peerproof.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';

const bin = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

const config: ConfigInput = {
  http: {},
  drain: { delay: '300ms', timeout: '5s' },
  rules: [{ name: 'health', match: { paths: ['/'] }, public: true }],
};

async function start(t: ExecutionContext, workers: string): Promise<PeerproofProcess> {
  const service = await startPeerproofProcess(config, ['--workers', workers]);
  t.teardown(() => service.stop());
  return service;
}

const readyz = async (service: PeerproofProcess) => JSON.parse((await service.page('/readyz')).body);
const children = ({ pid }: PeerproofProcess) =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(Number)
    .filter((child) => child > 0 && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('serve'));

async function sum(service: PeerproofProcess, sample: string): Promise<number> {
  const { body } = await service.page('/metrics');
  const found = body.split('\n').filter((line) => line.startsWith(sample));
  return found.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Checks one after the other over several connections, each new, until told to stop. */
function load({ grpcPort }: PeerproofProcess) {
  let going = true;
  const answers: string[] = [];
  const callers = Array.from({ length: 4 }, async () => {
    while (going) {
      const client = openCheckClient(grpcPort);
      // After a failure, grpc-js waits for a second before it connects again, so another client takes its place.
      for (let [n, failed] = [0, false]; n < 20 && going && !failed; n++) {
        const answer = await client.check(httpCheck()).then(
          ({ status }) => status.message,
          ({ code }) => `gRPC ${code}`,
        );
        failed = answer !== 'public';
        answers.push(answer);
        await sleep(2);
      }
      client.close();
    }
  });
  return async () => {
    going = false;
    await Promise.all(callers);
    return answers;
  };
}

test.serial('workers – serve one port, and their metrics are one sum', async (t) => {
  const service = await start(t, '2');
  await waitFor('both', 20_000, async () => (await readyz(service)).workers.serving === 2);
  const end = load(service);
  await waitFor('answers', 8_000, async () => (await sum(service, 'peerproof_decisions_total{')) > 200);
  const answers = await end();
  t.deepEqual([...new Set(answers)], ['public']);
  t.is(await sum(service, 'peerproof_decisions_total{'), answers.length);
  t.is(await sum(service, 'peerproof_check_duration_seconds_count{'), answers.length);
  t.is(await sum(service, 'peerproof_workers '), 2);
  t.is(await sum(service, 'peerproof_configuration_info{'), 1);
  t.is(await sum(service, 'peerproof_build_info{'), 1);
  t.is(await sum(service, 'peerproof_checks_waiting_limit '), 2_000);
  t.is((await fetch(`http://127.0.0.1:${service.httpPort}/`)).status, 200);
  t.is(children(service).length, 2);
  await waitFor('the log', 5_000, async () => (await service.decisions()).length === answers.length + 1);
});

test.serial(
  'workers – one that is killed is replaced; what it counted stays, and nobody is wrongly let in',
  async (t) => {
    const service = await start(t, '2');
    await waitFor('both', 20_000, async () => (await readyz(service)).workers.serving === 2);
    const end = load(service);
    await waitFor('answers', 8_000, async () => (await sum(service, 'peerproof_decisions_total{')) > 100);
    const counted = await sum(service, 'peerproof_decisions_total{');
    const [victim = 0] = children(service);
    process.kill(victim, 'SIGKILL');
    await waitFor('the replacement', 10_000, async () => {
      const { workers, ready } = await readyz(service);
      t.true(ready);
      return workers.restarts === 1 && workers.serving === 2;
    });
    const answers = await end();
    // What was under way in the one that was killed has no answer, which a proxy takes for a denial.
    t.deepEqual(
      [...new Set(answers)].filter((one) => one !== 'public' && one !== 'gRPC 14'),
      [],
    );
    t.true(answers.filter((one) => one !== 'public').length <= 8);
    t.true((await sum(service, 'peerproof_decisions_total{')) >= counted);
    t.is(await sum(service, 'peerproof_worker_restarts_total'), 1);
    t.false(children(service).includes(victim));
    const events = (await service.lines()).map((line) => JSON.parse(line));
    t.like(
      events.find(({ event }) => event === 'worker_ended'),
      { how: 'SIGKILL', worker_pid: victim },
    );
  },
);

test.serial('workers – SIGHUP reaches all of them', async (t) => {
  const service = await start(t, '2');
  await waitFor('both', 20_000, async () => (await readyz(service)).workers.serving === 2);
  writeFileSync(service.file, readFileSync(service.file, 'utf8').replace('name: health', 'name: other'));
  service.signal('SIGHUP');
  await waitFor('both to say so', 8_000, async () => {
    const events = (await service.lines()).map((line) => JSON.parse(line));
    return events.filter(({ event }) => event === 'configuration_loaded').length === 2;
  });
  t.pass();
});

test.serial(
  'workers – a drain waits for all: no check fails, every line is written, exit code 0',
  async (t) => {
    const service = await start(t, '2');
    await waitFor('both', 20_000, async () => (await readyz(service)).workers.serving === 2);
    const client = openCheckClient(service.grpcPort);
    t.teardown(() => client.close());
    const answers: string[] = [];
    let ended = false;
    const caller = (async () => {
      while (!ended) {
        const answer = await client.check(httpCheck()).catch(() => undefined);
        if (!answer) return;
        answers.push(answer.status.message);
      }
    })();
    await waitFor('some', 5_000, () => answers.length > 20);
    service.signal('SIGTERM');
    t.is((await service.ended).code, 0);
    ended = true;
    await caller;
    t.deepEqual([...new Set(answers)], ['public']);
    t.is((await service.decisions()).length, answers.length);
    t.deepEqual(children(service), []);
  },
);

test.serial('workers – a port in use ends the start with one message, as with one process', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-port-'));
  t.teardown(() => {
    other.close();
    rmSync(folder, { recursive: true });
  });
  const { port } = other.address() as AddressInfo;
  const file = join(folder, 'peerproof.yaml');
  const listen = { grpc: `127.0.0.1:${port}`, http: '127.0.0.1:0', admin: '127.0.0.1:0' };
  writeFileSync(file, configText({ ...config, listen }));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [bin, 'serve', '--config', file, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  const [one, three] = [run(), run('--workers', '3')];
  t.regex(three.stderr, /listen\.grpc: cannot listen on .* another program uses it/);
  t.deepEqual([three.status, three.stderr], [one.status, one.stderr]);
  t.false(three.stdout.includes('worker_ended'), three.stdout);
});

test.serial('workers – as many as there are cores, with auto', async (t) => {
  const service = await start(t, 'auto');
  t.true((await readyz(service)).ready);
});

for (const wrong of ['0', '-1', '65', 'two', '1.5', ''])
  test.serial(`workers – ${JSON.stringify(wrong)} is misuse: exit code 2`, (t) => {
    const { status, stderr } = spawnSync(process.execPath, [bin, 'serve', `--workers=${wrong}`], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    t.is(status, 2);
    t.regex(stderr, /--workers must be a number from 1 to 64, or auto/);
  });
