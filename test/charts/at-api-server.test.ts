import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { stringify } from 'yaml';
import { overlays, valuesOf } from '../../tools/chart/overlays.ts';
import { applicationObjects } from '../../tools/cluster/objects.ts';
import { introspectionSecret, releaseValues } from '../../tools/cluster/release.ts';
import { type Manifest, readManifests } from '../istio/manifests.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { hasKubeApiServer } from '../support/kube-api-server.ts';
import { chartTest, only, pack, render, type Values } from './chart.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { flavours, variants } from './flavours.ts';

/**
 * Every object of the chart, of the overlays and of `istio/` at a real API server, which refuses what it does not know. There
 * is no controller and no node: whether a pod starts, and what its proxy does, is for `npm run test:cluster`.
 */

const isHere = hasKubeApiServer();
const clusterTest = isHere ? chartTest : test.serial.skip;

/** Kinds of programs that are no objects of a cluster. */
const noObjects = ['Kustomization', 'IstioOperator'];
const files = readManifests()
  .filter(({ path }) => path.startsWith('istio/'))
  .flatMap(({ documents }) => documents)
  .filter(({ kind }) => !noObjects.includes(kind));
const everything = { ...flavours, ...variants };

let cluster: Cluster;

test.before(async () => {
  if (!isHere) return;
  const rendered = await Promise.all(Object.values(everything).map(render));
  cluster = await startCluster([...rendered.flat(), ...files]);
});

test.after.always(() => cluster?.stop());

for (const overlay of overlays)
  clusterTest(`API server – it takes the overlay ${overlay}, and changes nothing in it`, async (t) => {
    const folder = `kustomize/overlays/${overlay}`;
    await cluster.kubectl(['apply', '--server-side', '-k', folder]);
    // `diff` ends with 1 if there is a difference.
    t.is(await cluster.kubectl(['diff', '--server-side', '-k', folder]), '');
  });

for (const [name, values] of Object.entries(everything))
  clusterTest(`API server – it takes each object of the chart: ${name}`, async (t) => {
    const manifests = await render(values);
    const taken = await dryRun(manifests);
    t.is(taken.length, manifests.length);
  });

clusterTest('API server – it takes each object of istio/', async (t) => {
  for (const namespace of ['applications', 'kyma-system', 'istio-system'])
    await cluster.kubectl(['create', 'namespace', namespace]);
  t.is((await dryRun(files)).length, files.length);
});

clusterTest(
  'API server – NOT CHECKED beyond the name: kinds whose definition is not beside this repository',
  (t) => {
    t.log(cluster.open.join(', ') || 'none');
    t.false(cluster.open.includes('Deployment'));
  },
);

clusterTest('API server – it takes what npm run test:cluster makes', async (t) => {
  const values = releaseValues('registry.example.com:5000/peerproof:test', createSigner('ES256'));
  const made = [...applicationObjects('peerproof:test'), introspectionSecret] as Manifest[];
  const manifests = [...made, ...(await render(values as Values))];
  t.is((await dryRun(manifests)).length, manifests.length);
  const [{ image }] = only(manifests.slice(made.length), 'Deployment').spec.template.spec.containers;
  t.is(image, 'registry.example.com:5000/peerproof:test');
});

clusterTest('API server – it refuses a field that nobody knows', async (t) => {
  const [deployment] = (await render(flavours.istio ?? {})).filter(({ kind }) => kind === 'Deployment');
  const wrong = structuredClone(deployment);
  if (wrong) wrong.spec.template.spec.containers[0].readynessProbe = {};
  await t.throwsAsync(dryRun(wrong ? [wrong] : []), { message: /readynessProbe/ });
});

clusterTest('helm – it takes over what an overlay installed, upgrades it, and removes it', async (t) => {
  const place = ['peerproof', '--namespace', 'peerproof'];
  const chart = ['charts/peerproof', '--values', valuesOf('istio').pathname];
  await cluster.kubectl(['apply', '-k', 'kustomize/overlays/istio']);
  const refused = await cluster.helm(['install', ...place, ...chart]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /cannot be imported into the current release/);
  const taken = await cluster.helm(['install', ...place, ...chart, '--take-ownership', '--force-conflicts']);
  t.is(taken.code, 0, taken.stderr);
  const upgraded = await cluster.helm([
    'upgrade',
    ...place,
    ...chart,
    '--set',
    'replicas=3',
    '--force-conflicts',
  ]);
  t.is(upgraded.code, 0, upgraded.stderr);
  const replicas = ['get', 'deployment', 'peerproof', '-n', 'peerproof', '-o', 'jsonpath={.spec.replicas}'];
  t.is(await cluster.kubectl(replicas), '3');
  const removed = await cluster.helm(['uninstall', ...place]);
  t.is(removed.code, 0, removed.stderr);
  t.is(
    await cluster.kubectl(['get', 'deployment,service,networkpolicy', '-n', 'peerproof', '-o', 'name']),
    '',
  );
});

clusterTest('helm – the packed chart can be installed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-packed-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { stdout } = await pack(folder);
  const [archive = ''] = /\S+\.tgz/.exec(stdout) ?? [];
  const place = ['authz', archive, '--namespace', 'packed', '--create-namespace'];
  const { code, stderr } = await cluster.helm(['install', ...place, '--values', valuesOf('plain').pathname]);
  t.is(code, 0, stderr);
  const names = ['get', 'deployment,service,configmap', '-n', 'packed', '-o', 'name'];
  t.regex(await cluster.kubectl(names), /deployment\.apps\/authz-peerproof/);
});

/** What the server would keep of these objects, one line for each. It refuses fields that it does not know. */
async function dryRun(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const textOf = (some: readonly Manifest[]) => some.map((manifest) => stringify(manifest)).join('---\n');
  const how = ['apply', '--server-side', '--validate=strict', '--force-conflicts', '-f', '-'];
  // It looks for the account of a pod, also in a dry run.
  const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount');
  if (accounts.length > 0) await cluster.kubectl(how, textOf(accounts));
  const taken = await cluster.kubectl([...how, '--dry-run=server'], textOf(manifests));
  return taken.trim().split('\n');
}
