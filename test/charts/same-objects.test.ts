import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { ExecutionContext } from 'ava';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { kustomizeFiles } from '../../tools/chart/kustomize.ts';
import { components, overlays } from '../../tools/chart/overlays.ts';
import { type Manifest, root } from '../istio/manifests.ts';
import { chartTest, helmPath, installed, kustomize, only, render } from './chart.ts';
import { flavours } from './flavours.ts';
import { asIstio, valuesFor } from './values.ts';

for (const overlay of overlays)
  chartTest(
    `Kustomize – the overlay ${overlay} installs what the chart installs, and nothing else`,
    async (t) => {
      areSame(t, await kustomize(`kustomize/overlays/${overlay}`), await render(valuesFor(overlay)));
    },
  );

for (const [component, values] of Object.entries(components))
  chartTest(
    `Kustomize – with the component ${component} each overlay is the chart with its values`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'peerproof-component-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      const at = relative(folder, join(root, 'kustomize'));
      for (const overlay of overlays) {
        const parts = {
          resources: [`${at}/overlays/${overlay}`],
          components: [`${at}/components/${component}`],
        };
        writeFileSync(join(folder, 'kustomization.yaml'), stringify(parts));
        areSame(t, await kustomize(folder), await render({ ...valuesFor(overlay), ...values }));
      }
    },
  );

chartTest('Kustomize – its files are what npm run docs writes, and no others', async (t) => {
  const files = await kustomizeFiles(helmPath ?? '');
  const found = readdirSync(join(root, 'kustomize'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  t.deepEqual(found.sort(), files.map(([url]) => url.pathname).sort());
  for (const [url, text] of files) t.is(readFileSync(url, 'utf8'), text, url.pathname);
});

chartTest('Kustomize – each flavour of the chart has an overlay', async (t) => {
  t.deepEqual(Object.keys(flavours).sort(), [...overlays].sort());
  for (const overlay of overlays) t.is(valuesFor(overlay).flavour, overlay);
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
    t.deepEqual(specOf(only(all, expected.kind)), specOf(expected), file);
  }
  const dashboard = inMesh.find(({ metadata }) => metadata?.name === 'peerproof-dashboard');
  t.is(dashboard?.metadata?.labels?.grafana_dashboard, '1');
  const text = readFileSync(join(root, 'observability/dashboard.json'), 'utf8');
  t.deepEqual(JSON.parse(dashboard?.data?.['peerproof.json'] ?? ''), JSON.parse(text));
});

chartTest('chart – in ambient mode the probes of the kubelet may come in', async (t) => {
  const probes = ['169.254.7.127/32', 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128'];
  const from = probes.map((cidr) => ({ ipBlock: { cidr } }));
  const rendered = await render({ ...(flavours.ambient ?? {}), networkPolicy: { enabled: true } });
  const policy = rendered.find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata?.name === 'peerproof',
  );
  t.deepEqual(policy?.spec.ingress.slice(-1), [{ from, ports: [{ port: 9003, protocol: 'TCP' }] }]);
});

function areSame(t: ExecutionContext, applied: readonly Manifest[], rendered: readonly Manifest[]): void {
  const [namespace, ...ours] = applied;
  t.is(namespace?.kind, 'Namespace', 'helm install --create-namespace makes it');
  const theirs = installed(rendered);
  t.deepEqual(ours.map(nameOf).sort(), theirs.map(nameOf).sort());
  for (const manifest of ours) {
    const same = theirs.find((one) => nameOf(one) === nameOf(manifest));
    t.deepEqual(withoutHelm(manifest), withoutHelm(same), nameOf(manifest));
  }
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata?.namespace}/${metadata?.name}`;

/** Labels that are about Helm, and the checksum with which an upgrade replaces the pods. */
const ofHelm = /^(?:app\.kubernetes\.io\/managed-by|helm\.sh\/(?:chart|resource-policy)|checksum\/config)$/;

/** An object without what is Helm's own. A configuration counts by its content, and not by its text. */
function withoutHelm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelm);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([key]) => !ofHelm.test(key))
    .map(([key, inner]) => [key, key === 'peerproof.yaml' ? parse(inner) : withoutHelm(inner)] as const)
    .filter(([key, inner]) => key !== 'annotations' || Object.keys(inner).length > 0);
  return Object.fromEntries(kept);
}

/** The spec of an object of the Prometheus Operator. Its own selectors name the release too. */
function specOf(manifest: Manifest | undefined): unknown {
  return JSON.parse(JSON.stringify(manifest?.spec), (key, value) =>
    key === 'app.kubernetes.io/instance' ? undefined : value,
  );
}
