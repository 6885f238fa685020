import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { waitFor } from '../support/wait.ts';

/** `peerproof serve` whose issuer has never answered, as soon as it has tried it. */
async function start(t: ExecutionContext, args: readonly string[]) {
  const server = await startJwksServer({ signers: [createSigner('ES256')] });
  t.teardown(() => server.stop());
  await server.down();
  const { issuer } = server;
  const service = await startPeerproofProcess(
    {
      readiness: 'issuers',
      issuers: { corp: { issuer, audiences: ['orders'] } },
      rules: [{ name: 'all' }],
      drain: { delay: '0ms', timeout: '1s' },
    },
    args,
    ({ body }) => JSON.parse(body).never_answered !== undefined,
  );
  t.teardown(() => service.stop());
  const readyz = async () => {
    const { status, body } = await service.page('/readyz');
    return { ...JSON.parse(body), status };
  };
  return { server, service, readyz };
}

const workersOf = ({ pid }: PeerproofProcess) =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(Number)
    .filter((child) => child > 0 && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('serve'));

test('readiness: issuers – a process is not ready until its issuer has answered once', async (t) => {
  const { server, service, readyz } = await start(t, []);
  t.like(await readyz(), { status: 503, ready: false, never_answered: ['issuer corp'] });
  await waitFor('the line', 5_000, async () =>
    (await service.lines()).some((line) => /"never_answered".*"issuer corp"/.test(line)),
  );
  await server.up();
  await waitFor('the first answer', 10_000, async () => (await readyz()).status === 200);
  t.is((await readyz()).never_answered, undefined);
});

test('readiness: issuers – workers that replace ready ones during an outage do not wait for the issuer', async (t) => {
  const { server, service, readyz } = await start(t, ['--workers', '2']);
  t.like(await readyz(), { status: 503, never_answered: ['issuer corp'] });
  await server.up();
  await waitFor('both workers', 20_000, async () => (await readyz()).workers.serving === 2);
  t.is((await readyz()).status, 200);
  await server.down();
  for (const worker of workersOf(service)) process.kill(worker, 'SIGKILL');
  await waitFor('new workers', 30_000, async () => {
    const { status, workers, never_answered: never = [] } = await readyz();
    return status === 200 && workers.serving === 2 && workers.restarts >= 2 && never.length > 0;
  });
  t.like(await readyz(), { status: 200, ready: true, never_answered: ['issuer corp'] });
});
