import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { readManifests, root } from '../istio/manifests.ts';
import { hasKubeApiServer } from '../support/kube-api-server.ts';
import { chartTest, render } from './chart.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { flavours } from './flavours.ts';
import { promiseHolds } from './shop-and-thief.ts';

/**
 * The pages about deployment, followed word for word: their files are written where they say, and their commands run in a copy
 * of the repository, against a real API server. No node is there. So commands that need a pod are left out, and the test serves
 * the installed configuration itself.
 */

const isHere = hasKubeApiServer();
const clusterTest = isHere ? chartTest : test.serial.skip;
const pages = ['docs/deploy/istio.md', 'docs/deploy/helm.md'] as const;

/** What needs a pod, a mesh, or a person. */
const leftOut = /rollout status|\bexec\b|\blogs\b|\bhelm test\b|\bistioctl\b|-n istio-system|kubectl edit/;
const block = /```(sh|yaml)\n([\s\S]*?)```/g;

for (const page of pages)
  clusterTest(`${page} – word for word, it leads to a 200 for shop and a 401 for thief`, async (t) => {
    const { folder, cluster, text } = await arrive(t, page);
    let token = '';
    for (const { index, 1: language, 2: content = '' } of text.matchAll(block)) {
      if (language === 'sh') token = (await cluster.shell(commandsOf(content), folder)) || token;
      else writeFileSync(join(folder, named(text.slice(0, index))), content);
    }

    await t.notThrowsAsync(
      cluster.kubectl(['get', 'authorizationpolicy/orders-peerproof', '-n', 'applications']),
    );
    const may = ['auth', 'can-i', 'create', 'tokenreviews.authentication.k8s.io'];
    t.regex(await cluster.kubectl([...may, '--as=system:serviceaccount:peerproof:peerproof']), /^yes/);
    const map = ['get', 'configmap', 'peerproof', '-n', 'peerproof', '-o', 'json'];
    const { data } = JSON.parse(await cluster.kubectl(map));
    const { listen: _, ...config } = parse(data['peerproof.yaml']);
    // A pod has these from its cluster.
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, await cluster.kubectl(['create', 'token', 'peerproof', '-n', 'peerproof']));
    Object.assign(config.issuers.cluster, { ca: cluster.caFile });
    Object.assign(config.issuers.cluster.kubernetes, { apiServer: cluster.url, tokenFile });
    await promiseHolds(t, config, token);
  });

/** An empty cluster, and the files of a clone. */
async function arrive(t: ExecutionContext, page: string) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-page-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['charts', 'istio', 'kustomize'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  const policies = readManifests().flatMap(({ documents }) => documents);
  const istio = policies.filter(({ apiVersion }) => /^(?:security|networking)\.istio\.io\//.test(apiVersion));
  const cluster: Cluster = await startCluster([...istio, ...(await render(flavours.istio ?? {}))]);
  t.teardown(() => cluster.stop());
  // What is before the headings that follow the steps.
  const text = readFileSync(join(root, page), 'utf8').split(/^## (?:What binds|Flavours)/m)[0] ?? '';
  return { folder, cluster, text };
}

/** The file that the paragraph before a block names. */
function named(before: string): string {
  const paragraph = before.trimEnd().split('\n\n').at(-1) ?? '';
  const [, path] = /Write `([\w./-]+)`/.exec(paragraph) ?? [];
  if (!path) throw new Error(`no file is named before a block: ${paragraph}`);
  return path;
}

/** The commands of a block that need no pod. At the end they print the token, if they made one. */
function commandsOf(block: string): string {
  const lines = block.replaceAll('\\\n', ' ').split('\n');
  const kept = lines.filter((line) => !leftOut.test(line)).map((line) => line.replace(' --wait', ''));
  return ['set -euo pipefail', 'TOKEN=', 'exec 3>&1 1>&2', ...kept, 'printf %s "$TOKEN" >&3'].join('\n');
}
