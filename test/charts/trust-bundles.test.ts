import { dirname } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { hasKubeApiServer, startKubeApiServer } from '../support/kube-api-server.ts';
import { createKubectl } from '../support/kubectl.ts';
import { chartTest, installed, only, render } from './chart.ts';
import { flavours, variants } from './flavours.ts';

const kubeTest = hasKubeApiServer() ? chartTest : test.serial.skip;
const values = variants['trust bundles'] ?? {};
const trustBundles = values.trustBundles as readonly { readonly trustDomain: string }[];
const names = trustBundles.map(({ trustDomain }) => trustDomain);

interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources: readonly unknown[] };
}

const ownVolumes = (volumes: readonly Volume[]) =>
  volumes.filter(({ name }) => name.startsWith('trust-bundle-'));

chartTest(
  'chart – trustBundles: each trust domain has a volume of its own, and the configuration names its file',
  async (t) => {
    const rendered = installed(await render(values));
    const text = only(rendered, 'ConfigMap').data?.['peerproof.yaml'] ?? '';
    const { trustDomains } = parseWithoutFiles(text, 'peerproof.yaml').config.peers;
    const { volumes, containers } = only(rendered, 'Deployment').spec.template.spec;
    t.is(ownVolumes(volumes).length, names.length);
    for (const [at, name] of names.entries()) {
      const bundle = trustDomains?.[name]?.bundle ?? '';
      const mount = containers[0].volumeMounts.find((one: Volume) => one.name === `trust-bundle-${at}`);
      t.is(mount.mountPath, dirname(bundle), name);
      const [source, ...more] = volumes.find((one: Volume) => one.name === mount.name).projected.sources;
      t.is(more.length, 0);
      const { items, path } = Object.values(source)[0] as { items?: { path: string }[]; path?: string };
      t.is(path ?? items?.[0]?.path, 'bundle.pem', name);
    }
  },
);

chartTest('chart – trustBundles: other settings of the trust domains stay', async (t) => {
  const trustDomains = { 'cluster.local': { timeout: '3s' }, 'partner.example': null, 'plain.example': {} };
  const { config, ...plain } = flavours.plain ?? {};
  const peers = { clockSkew: '5s', trustDomains };
  const rendered = installed(
    await render({ ...plain, config: { ...(config as object), peers }, trustBundles }),
  );
  const read = parse(only(rendered, 'ConfigMap').data?.['peerproof.yaml'] ?? '').peers;
  t.is(read.clockSkew, '5s');
  t.deepEqual(Object.keys(read.trustDomains).sort(), [...names, 'plain.example'].sort());
  t.is(read.trustDomains['cluster.local'].timeout, '3s');
  t.deepEqual(read.trustDomains['plain.example'], {});
  for (const name of names) t.regex(read.trustDomains[name].bundle, /^\/etc\/peerproof-trust\//);
});

kubeTest(
  'chart – trustBundles: a real API server that has ClusterTrustBundles keeps each source as it is',
  async (t) => {
    const deployment = only(await render(values), 'Deployment');
    const server = await startKubeApiServer(
      ...['--feature-gates', 'ClusterTrustBundle=true,ClusterTrustBundleProjection=true'],
      ...['--runtime-config', 'certificates.k8s.io/v1beta1/clustertrustbundles=true'],
    );
    t.teardown(() => server.stop());
    const kubectl = createKubectl(server);
    kubectl(['create', 'namespace', 'peerproof']);
    const kept = JSON.parse(kubectl(['apply', '-f', '-', '-o', 'json'], JSON.stringify(deployment)));
    const sources = (from: typeof deployment) =>
      ownVolumes(from.spec.template.spec.volumes).map(({ projected }) => projected?.sources);
    t.is(sources(kept).length, names.length);
    t.deepEqual(sources(kept), sources(deployment));
  },
);
