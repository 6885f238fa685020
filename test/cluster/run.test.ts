import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { applicationObjects } from '../../tools/cluster/objects.ts';
import { chartTest } from '../charts/chart.ts';
import { type Cluster, startCluster } from '../charts/cluster.ts';
import type { Manifest } from '../istio/manifests.ts';
import { hasKubeApiServer } from '../support/kube-api-server.ts';

/**
 * `npm run test:cluster` at a real API server without nodes. It refuses what is no cluster for it, and comes as far as the
 * first command in a pod. The controllers that it needs until then, and for its removal, are imitated here.
 */

const kubeTest = hasKubeApiServer() ? chartTest : test.serial.skip;
const program = fileURLToPath(new URL('../../tools/cluster/run.ts', import.meta.url));
const provider = 'mesh=istio/mesh/extension-provider.yaml';

kubeTest(
  'test:cluster – refuses a mesh without the provider, and a cluster with its namespaces',
  async (t) => {
    const cluster = await arrive(t);
    const unknown = await run(cluster);
    t.is(unknown.code, 2);
    t.regex(unknown.stderr, /^NOT RUN: the mesh has no provider peerproof-grpc: istioctl install/);
    await cluster.kubectl(['create', 'configmap', 'istio', '-n', 'istio-system', '--from-file', provider]);
    await cluster.kubectl(['create', 'namespace', 'applications']);
    const taken = await run(cluster);
    t.is(taken.code, 2);
    t.regex(taken.stderr, /^NOT RUN: the namespace applications exists/);
    t.regex(
      await cluster.kubectl(['get', 'namespaces', '-o', 'name']),
      /namespace\/applications/,
      'it stays',
    );
  },
);

kubeTest(
  'test:cluster – after a failure it shows what there is, removes what it made, and ends with 1',
  async (t) => {
    const cluster = await arrive(t);
    await cluster.kubectl(['create', 'configmap', 'istio', '-n', 'istio-system', '--from-file', provider]);
    const ended = new AbortController();
    const controllers = imitateControllers(cluster, ended.signal);
    const { code, stderr } = await run(cluster);
    ended.abort();
    await controllers;
    t.is(code, 1, stderr);
    t.regex(stderr, /^FAILED: Command failed: \S+kubectl exec .*--stdin deployment\/client /m);
    t.regex(stderr, /kubectl logs deployment\/peerproof .*\n.*namespaces "peerproof" not found/);
    t.notRegex(await cluster.kubectl(['get', 'namespaces', '-o', 'name']), /applications|peerproof/);
  },
);

async function arrive(t: ExecutionContext): Promise<Cluster> {
  const cluster = await startCluster(applicationObjects('peerproof:test') as Manifest[]);
  t.teardown(() => cluster.stop());
  await cluster.kubectl(['create', 'namespace', 'istio-system']);
  return cluster;
}

function run({ kubeconfig }: Cluster): Promise<{ code: unknown; stderr: string }> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, '--image', 'peerproof:test'], { env }, (error, _, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

/** Says of each Deployment that it is there, and lets namespaces go. */
async function imitateControllers(cluster: Cluster, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { items } = JSON.parse(
      await cluster.kubectl(['get', 'namespaces,deployments', '-A', '-o', 'json']),
    );
    for (const item of items)
      await (item.kind === 'Namespace' ? letGo(cluster, item) : sayReady(cluster, item));
    await sleep(200);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: an object of Kubernetes
async function sayReady(cluster: Cluster, { metadata, status }: any): Promise<void> {
  if (status.availableReplicas) return;
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const patch = JSON.stringify({ status: { ...counts, observedGeneration: metadata.generation } });
  const place = ['deployment', metadata.name, '-n', metadata.namespace];
  await cluster.kubectl(['patch', ...place, '--subresource=status', '--type=merge', '-p', patch]);
}

// biome-ignore lint/suspicious/noExplicitAny: an object of Kubernetes
async function letGo(cluster: Cluster, namespace: any): Promise<void> {
  if (!namespace.metadata.deletionTimestamp) return;
  const text = JSON.stringify({ ...namespace, spec: { finalizers: [] } });
  const place = `/api/v1/namespaces/${namespace.metadata.name}/finalize`;
  await cluster.kubectl(['replace', '--raw', place, '-f', '-'], text);
}
