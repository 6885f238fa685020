import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parse } from 'yaml';
import { askAll, type Send, sendable } from '../../tools/cluster/ask.ts';
import { readReasons } from '../../tools/cluster/steps.ts';
import { startEnvoys } from '../doors/envoys.ts';
import { verdicts } from '../doors/verdicts.ts';
import { startDoorWorld } from '../doors/world.ts';
import { envoyTest } from '../support/envoy-test.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/processes.ts';

/**
 * The programs of `npm run test:cluster` without a cluster: they run here, with the connection manager that istiod rendered
 * for a sidecar. Rows of somebody without a certificate are left out, because no listener here takes plain text as well.
 */

const program = (name: string) => fileURLToPath(new URL(`../../tools/cluster/${name}`, import.meta.url));

envoyTest(
  'test:cluster – its programs come to the verdicts of the table at the filter of a sidecar',
  async (t) => {
    const world = await startDoorWorld();
    t.teardown(() => world.stop());
    const port = await freePort();
    const app = await startProcess({
      ...{ name: 'serve.mts', command: process.execPath, args: [program('serve.mts')] },
      env: { PORT: `${port}` },
      ready: () =>
        fetch(`http://127.0.0.1:${port}/`).then(
          ({ ok }) => ok,
          () => false,
        ),
    });
    t.teardown(() => app.stop());
    const envoy = await startEnvoys({ ...world, app: { ...world.app, port } });
    t.teardown(() => envoy.stop());
    const folder = mkdtempSync(join(tmpdir(), 'peerproof-senders-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const send: Send = (sender, order) => {
      if (sender === 'nobody') return Promise.resolve('[]');
      const { certPem, keyPem } = world.who[sender];
      mkdirSync(join(folder, sender), { recursive: true });
      writeFileSync(join(folder, sender, 'cert-chain.pem'), certPem);
      writeFileSync(join(folder, sender, 'key.pem'), keyPem);
      const here = order.replace('"orders:8080"', `"127.0.0.1:${envoy.port('istio-default')}"`);
      return runNode(program('send.mts'), here, join(folder, sender));
    };

    const rows = sendable(verdicts).rows.filter(({ from }) => from !== 'nobody');
    t.true(rows.length > 40);
    const log = () =>
      readReasons(
        world.peerproof
          .decisions()
          .map((line) => JSON.stringify(line))
          .join('\n'),
      );
    const judged = await askAll(rows, world.mint, send, async () => log());
    for (const { name, got, wanted } of judged) t.deepEqual(got, wanted, name);
  },
);

test('test:cluster – without a cluster it says that it did not run, and ends with 2', async (t) => {
  const run = (env: NodeJS.ProcessEnv) =>
    new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [program('run.ts')], { env }, (error, _, stderr) =>
        resolve({ code: error?.code, stderr }),
      );
    });
  const { PATH, HOME } = process.env;
  const without = await run({ PATH, HOME });
  t.deepEqual(
    [without.code, without.stderr],
    [2, 'NOT RUN: KUBECONFIG is not set. It names the cluster, with Istio in it.\n'],
  );
  const unnamed = await run({ PATH, HOME, KUBECONFIG: '/nonexistent' });
  t.is(unnamed.code, 2);
  t.regex(unnamed.stderr, /^NOT RUN: --image /);
});

test('test:cluster – the public workflow calls it with a cluster, and each action by its digest', (t) => {
  const text = readFileSync(new URL('../../.github/workflows/cluster.yaml', import.meta.url), 'utf8');
  const { permissions, jobs } = parse(text);
  t.deepEqual(permissions, { contents: 'read' });
  const steps: { uses?: string; run?: string; env?: Record<string, string> }[] = jobs.istio.steps;
  const pinned = /^[\w/-]+@[0-9a-f]{40}$/;
  for (const { uses } of steps) if (uses) t.regex(uses, pinned);
  const last = steps.at(-1);
  t.regex(last?.run ?? '', /^npm run test:cluster -- --image /);
  t.truthy(last?.env?.KUBECONFIG);
});

function runNode(file: string, input: string, certificates: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { CERTIFICATES: certificates };
    const options = { env, timeout: 60_000, maxBuffer: 2 ** 24 };
    const child = execFile(process.execPath, [file], options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}
