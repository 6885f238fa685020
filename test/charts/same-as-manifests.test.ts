import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { type Manifest, readManifests, root } from '../istio/manifests.ts';
import { chartTest, installed, kustomize, only, render, type Values } from './chart.ts';
import { flavours } from './flavours.ts';
import { asIstio, asKyma } from './values.ts';

const kymaFolder = readManifests()
  .filter(({ path }) => /^istio\/kyma\/[^/]+$/.test(path))
  .flatMap(({ documents }) => documents);
const packaged: readonly (readonly [string, Values, () => Promise<readonly Manifest[]>])[] = [
  ['istio/', asIstio, () => kustomize('istio')],
  ['istio/kyma/', asKyma, async () => kymaFolder],
];

for (const [folder, values, read] of packaged)
  chartTest(`chart – it installs the objects of ${folder}, and each is the same`, async (t) => {
    const expected = (await read()).filter(({ kind }) => kind !== 'Namespace');
    const rendered = installed(await render(values));
    t.deepEqual(rendered.map(nameOf).sort(), expected.map(nameOf).sort());
    for (const manifest of expected) {
      const same = rendered.find((one) => nameOf(one) === nameOf(manifest));
      t.deepEqual(plain(same), plain(manifest), nameOf(manifest));
    }
  });

chartTest('chart – with tokenReview it has the role of istio/optional/token-review.yaml', async (t) => {
  const rendered = await render({ ...asIstio, tokenReview: true });
  const file = readManifests().find(({ path }) => path === 'istio/optional/token-review.yaml');
  const expected = file?.documents ?? [];
  t.like(ruling(only(rendered, 'ClusterRole')), ruling(only(expected, 'ClusterRole')));
  const [binding, wanted] = [rendered, expected].map((list) => ruling(only(list, 'ClusterRoleBinding')));
  const name = only(rendered, 'ClusterRole').metadata?.name;
  t.deepEqual(binding, { ...wanted, roleRef: { ...wanted?.roleRef, name } });
  t.is(only(rendered, 'Deployment').spec.template.spec.automountServiceAccountToken, true);
});

chartTest('chart – the objects of the Prometheus Operator are those of observability/', async (t) => {
  const on = { enabled: true };
  const monitoring = { podMonitor: on, rules: on, dashboard: on };
  const inMesh = await render({ ...asIstio, monitoring });
  const outside = await render({
    ...asIstio,
    flavour: 'plain',
    monitoring: { serviceMonitor: on, podMonitor: on },
  });
  t.deepEqual(only(outside, 'PodMonitor').spec.podMetricsEndpoints, [
    { port: 'http-admin', path: '/metrics', interval: '30s' },
  ]);
  const all = [...inMesh, only(outside, 'ServiceMonitor')];
  for (const file of ['pod-monitor', 'service-monitor', 'prometheus-rule']) {
    const [document] = parseAllDocuments(readFileSync(join(root, `observability/${file}.yaml`), 'utf8'));
    const expected = document?.toJS() as Manifest;
    t.deepEqual(plain(only(all, expected.kind)), plain(expected), file);
  }
  const dashboard = inMesh.find(({ metadata }) => metadata?.name === 'peerproof-dashboard');
  t.is(dashboard?.metadata?.labels?.grafana_dashboard, '1');
  const text = readFileSync(join(root, 'observability/dashboard.json'), 'utf8');
  t.deepEqual(JSON.parse(dashboard?.data?.['peerproof.json'] ?? ''), JSON.parse(text));
});

chartTest('chart – in ambient mode the probes may come in as istio/network-policy.yaml says', async (t) => {
  const text = readFileSync(join(root, 'istio/network-policy.yaml'), 'utf8');
  const [, marked = ''] = text.split('Remove the marks there:\n');
  const block = marked.split('\n').filter((line) => line.startsWith('    # '));
  const expected = parse(block.map((line) => line.slice('    # '.length)).join('\n'));
  const rendered = await render({ ...(flavours.ambient ?? {}), networkPolicy: { enabled: true } });
  const policy = rendered.find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata?.name === 'peerproof',
  );
  t.deepEqual(policy?.spec.ingress.slice(-1), expected);
});

/** What an object of RBAC allows, and to whom. */
function ruling({ apiVersion, kind, metadata: _, ...rest }: Manifest) {
  return rest as { rules?: unknown; roleRef?: Record<string, string>; subjects?: unknown };
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata?.namespace}/${metadata?.name}`;

/** Labels that only Helm sets, and the checksum with which an upgrade replaces the pods. */
const ofHelm = /^(?:app\.kubernetes\.io\/(?:instance|version|managed-by)|helm\.sh\/chart|checksum\/config)$/;

/** An object without what is Helm's own. Of labels only those of the pod count, and a configuration counts by its content. */
function plain(manifest: Manifest | undefined): unknown {
  const { metadata, data, ...rest } = manifest ?? { kind: '', apiVersion: '' };
  const { annotations } = (metadata ?? {}) as { annotations?: Values };
  const config = data && parse(data['peerproof.yaml'] ?? '');
  return withoutHelm({ ...rest, annotations, config });
}

function withoutHelm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelm);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !ofHelm.test(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutHelm(inner)]));
}
