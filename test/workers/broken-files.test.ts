import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createCa } from '../support/ca.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import type { ClientTls } from '../support/client.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';

const rules: ConfigInput['rules'] = [{ name: 'health', match: { paths: ['/'] }, public: true }];
const drain = { delay: '0ms', timeout: '2s' };

interface Known {
  readonly ready: boolean;
  readonly workers: { readonly serving: number; readonly restarts: number };
  readonly configuration: { readonly version: string; readonly refused?: string };
}

async function start(t: ExecutionContext, config: ConfigInput) {
  const service = await startPeerproofProcess(config, ['--workers', '2']);
  t.teardown(() => service.stop());
  const readyz = async (): Promise<Known> => JSON.parse((await service.page('/readyz')).body);
  await waitFor('both workers', 30_000, async () => (await readyz()).workers.serving === 2);
  return { service, readyz };
}

/** Processes whose parent it is, and that serve. */
function workersOf({ pid }: PeerproofProcess): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ');
        return (
          after.split(' ')[1] === String(pid) &&
          readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('serve')
        );
      } catch {
        return false;
      }
    });
}

/** The reason of one check, over a connection of its own. */
async function ask({ grpcPort }: PeerproofProcess, tls?: ClientTls): Promise<string> {
  const client = openCheckClient(grpcPort, tls);
  try {
    return (await client.check(httpCheck())).status.message;
  } finally {
    client.close();
  }
}

async function metric(service: PeerproofProcess, sample: string): Promise<number> {
  const line = (await service.page('/metrics')).body.split('\n').find((one) => one.startsWith(sample));
  return Number(line?.slice(line.lastIndexOf(' ')));
}

/** Kills every worker there is, one after the other, and waits until two serve again. */
async function replaceAll(service: PeerproofProcess, readyz: () => Promise<Known>): Promise<void> {
  for (const worker of workersOf(service)) {
    const { restarts } = (await readyz()).workers;
    process.kill(worker, 'SIGKILL');
    await waitFor('the replacement', 40_000, async () => {
      const { workers } = await readyz();
      return workers.restarts > restarts && workers.serving === 2;
    });
  }
}

test.serial(
  'workers – while the file is broken, a worker that starts serves with the last good one, says so, and takes over the mended one',
  async (t) => {
    const { service, readyz } = await start(t, { drain, rules });
    const good = readFileSync(service.file, 'utf8');
    const { version } = (await readyz()).configuration;
    const before = workersOf(service);
    t.is(before.length, 2);

    writeFileSync(service.file, 'rules: [{name: x');
    await waitFor('the refusal', 15_000, async () => (await readyz()).configuration.refused !== undefined);
    await replaceAll(service, readyz);

    t.deepEqual(
      workersOf(service).filter((one) => before.includes(one)),
      [],
    );
    t.is(workersOf(service).length, 2);
    for (let n = 0; n < 6; n++) t.is(await ask(service), 'public');
    const known = await readyz();
    t.is(known.configuration.version, version);
    t.regex(known.configuration.refused ?? '', /not YAML/);
    t.is(known.workers.restarts, 2);
    t.is(await metric(service, 'peerproof_configuration_refused'), 1);

    writeFileSync(service.file, good.replace('name: health', 'name: mended'));
    await waitFor('the mended one', 25_000, async () => {
      const { configuration } = await readyz();
      return configuration.version !== version && configuration.refused === undefined;
    });
    await waitFor('both to have it', 25_000, async () => {
      const events = (await service.lines()).map((line) => JSON.parse(line));
      return events.filter(({ event }) => event === 'configuration_loaded').length === 2;
    });
    t.is(await metric(service, 'peerproof_configuration_refused'), 0);
    t.is(await ask(service), 'public');

    // What was mended is the last good one now.
    const mended = (await readyz()).configuration.version;
    writeFileSync(service.file, '');
    await waitFor('the refusal', 15_000, async () => (await readyz()).configuration.refused !== undefined);
    await replaceAll(service, readyz);
    t.is((await readyz()).configuration.version, mended);
  },
);

test.serial(
  'workers – the contents of the files that it names are handed over too, and stand in no environment and on no command line',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'peerproof-handed-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const ca = await createCa();
    const [server, client] = [await ca.server(), await ca.issue({ dns: ['proxy.example'] })];
    const put = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const bundle = put('bundle.pem', ca.certPem);
    const tls = {
      certFile: put('tls.crt', server.certPem),
      keyFile: put('tls.key', server.keyPem),
      clientCaFile: put('ca.crt', ca.certPem),
    };
    const { service, readyz } = await start(t, {
      drain,
      grpc: { tls },
      peers: { trustDomains: { 'example.org': { bundle } } },
      rules,
    });
    const proxy = { caPem: ca.certPem, certPem: client.certPem, keyPem: client.keyPem };
    t.is(await ask(service, proxy), 'public');

    renameSync(tls.keyFile, `${tls.keyFile}.gone`);
    writeFileSync(bundle, 'nothing');
    await waitFor('the refusal', 15_000, async () => (await readyz()).configuration.refused !== undefined);
    await replaceAll(service, readyz);
    for (let n = 0; n < 4; n++) t.is(await ask(service, proxy), 'public');
    const { bundles } = JSON.parse((await service.page('/readyz')).body);
    t.is(bundles['example.org'].authorities, 1);

    for (const worker of workersOf(service))
      for (const place of ['environ', 'cmdline'])
        t.false(/PRIVATE KEY|BEGIN CERT/.test(readFileSync(`/proc/${worker}/${place}`, 'utf8')), place);
    await t.throwsAsync(ask(service), undefined, 'still asks for a client certificate');
  },
);
