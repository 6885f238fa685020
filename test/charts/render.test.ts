import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { overlays } from '../../tools/chart/overlays.ts';
import { type Manifest, root } from '../istio/manifests.ts';
import { typeErrors } from '../istio/type-errors.ts';
import { chartTest, helm, installed, isHook, only, pack, render, type Values } from './chart.ts';
import { flavours, variants } from './flavours.ts';
import { hasType, validateAny } from './other-kinds.ts';
import { asIstio, valuesFor } from './values.ts';

const everything = { ...flavours, ...variants };
const ofCluster = /^ClusterRole|^CustomResourceDefinition$/;

for (const [name, values] of Object.entries(everything))
  chartTest(`chart – ${name}: each object is valid by its schema, and in the namespace`, async (t) => {
    const manifests = await render(values);
    t.true(manifests.length > 2);
    for (const manifest of manifests) {
      await t.notThrowsAsync(validateAny(manifest), manifest.kind);
      if (!ofCluster.test(manifest.kind)) t.is(manifest.metadata?.namespace, 'peerproof');
      t.is(manifest.metadata?.labels?.['app.kubernetes.io/managed-by'], 'Helm', manifest.kind);
    }
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
    t.is(new Set(names).size, names.length, 'two objects have one name');
  });

chartTest('chart – the types know every field of every object', async (t) => {
  const all = (await Promise.all(Object.values(everything).map(render))).flat().filter(hasType);
  const different = new Map(all.map((manifest) => [JSON.stringify(manifest), manifest]));
  const wrong = structuredClone(only(await render(flavours.istio ?? {}), 'Pod'));
  wrong.spec.containers[0].volumeMount = [];
  const errors = await typeErrors({ rendered: [...different.values()], wrong: [wrong] });
  t.is(errors.length, 1, errors.join('\n'));
  t.regex(errors[0] ?? '', /^wrong-0\.mts.*volumeMount/);
});

chartTest('chart – helm lint has nothing to say, also about the defaults', async (t) => {
  for (const values of [{}, ...overlays.map(valuesFor)]) {
    const { code, stdout } = await helm('lint', values);
    t.is(code, 0, stdout);
    t.notRegex(stdout, /WARNING|ERROR/);
  }
});

chartTest(
  'chart – with internal tokens, those who ask reach the public keys; without, nothing names that port',
  async (t) => {
    const namesKeys = (manifests: readonly Manifest[]) =>
      manifests
        .filter((manifest) => !isHook(manifest) && JSON.stringify(manifest).includes('9005'))
        .map(({ kind }) => kind)
        .toSorted();
    t.deepEqual(namesKeys(await render(variants['internal tokens'] ?? {})), [
      ...['AuthorizationPolicy', 'ConfigMap', 'Deployment', 'NetworkPolicy', 'Service'],
    ]);
    t.deepEqual(namesKeys(await render(flavours.istio ?? {})), []);
  },
);

chartTest('chart – a selector of the service never finds the pod of helm test', async (t) => {
  for (const values of Object.values(flavours)) {
    const manifests = await render(values);
    const { matchLabels } = only(manifests, 'Deployment').spec.selector;
    const labels = only(manifests, 'Pod').metadata?.labels ?? {};
    t.true(Object.entries(matchLabels).some(([key, value]) => labels[key] !== value));
    t.deepEqual(only(manifests, 'Service').spec.selector, matchLabels);
    const opened = only(manifests.filter(isHook), 'NetworkPolicy').spec;
    for (const [key, value] of Object.entries(opened.ingress[0].from[0].podSelector.matchLabels))
      t.is(labels[key], value as string);
  }
});

chartTest('chart – a policy never names nobody, because an empty list would be everybody', async (t) => {
  const lists = (manifest: Manifest) => [
    ...(manifest.spec.ingress ?? []).map((rule: { from: unknown[] }) => rule.from),
    ...(manifest.kind === 'AuthorizationPolicy'
      ? manifest.spec.rules.map(
          (rule: { from: { source: { principals: unknown[] } }[] }) => rule.from[0]?.source.principals,
        )
      : []),
  ];
  for (const values of Object.values(everything))
    for (const manifest of await render(values))
      if (/Policy$/.test(manifest.kind))
        for (const names of lists(manifest)) t.true(names?.length > 0, manifest.kind);
});

chartTest(
  'chart – in ambient mode no policy names a method or a path, which ztunnel does not see',
  async (t) => {
    const manifests = await render(flavours.ambient ?? {});
    t.notRegex(
      JSON.stringify(manifests.filter(({ kind }) => kind === 'AuthorizationPolicy')),
      /methods|paths/,
    );
    const pod = only(manifests, 'Deployment').spec.template.metadata.labels;
    t.like(pod, { 'istio.io/dataplane-mode': 'ambient', 'sidecar.istio.io/inject': 'false' });
  },
);

chartTest(
  'chart – with Envoy Gateway its proxies ask, and SecurityPolicies may name the Service',
  async (t) => {
    const manifests = await render(flavours['envoy-gateway'] ?? {});
    const { ingress } = only(installed(manifests), 'NetworkPolicy').spec;
    t.deepEqual(ingress[0].from, [
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'envoy-gateway-system' } } },
    ]);
    const { from, to } = only(manifests, 'ReferenceGrant').spec;
    t.deepEqual(from, [
      { group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy', namespace: 'applications' },
    ]);
    t.is(to[0].name, only(manifests, 'Service').metadata?.name);
  },
);

chartTest(
  'chart – helm test leaves only its pod, which holds the log, and no policy that lets it ask',
  async (t) => {
    for (const values of Object.values(flavours))
      for (const { kind, metadata } of (await render(values)).filter(isHook)) {
        const { annotations } = metadata as { annotations: Record<string, string> };
        const deletes = annotations['helm.sh/hook-delete-policy']?.includes('hook-succeeded');
        t.is(deletes, kind !== 'Pod', kind);
        t.is(annotations['helm.sh/hook-weight'], kind === 'Pod' ? undefined : '-5', kind);
      }
  },
);

chartTest('chart – its version is that of the package, and it can be packed', async (t) => {
  const { version, appVersion } = parse(readFileSync(join(root, 'charts/peerproof/Chart.yaml'), 'utf8'));
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  t.deepEqual({ version, appVersion }, { version: own, appVersion: own });
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-chart-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const packed = await pack(folder);
  t.is(packed.code, 0, packed.stderr);
  const { code, stdout, stderr } = await helm('template', asIstio, join(folder, `peerproof-${version}.tgz`));
  t.is(code, 0, stderr);
  t.is(stdout, (await helm('template', asIstio)).stdout);
});

chartTest(
  'chart – an autoscaler has the number of replicas, and the checksum follows the configuration',
  async (t) => {
    const scaled = only(await render(variants['an autoscaler'] ?? {}), 'Deployment');
    t.false('replicas' in scaled.spec);
    t.is(only(await render({ ...asIstio, replicas: 0 }), 'Deployment').spec.replicas, 0);
    const checksum = async (values: object) =>
      only(await render({ ...asIstio, ...values }), 'Deployment').spec.template.metadata.annotations[
        'checksum/config'
      ];
    const first = await checksum({});
    t.regex(first, /^[0-9a-f]{64}$/);
    t.is(await checksum({ replicas: 3 }), first);
    t.not(await checksum({ config: { ...(asIstio.config as object), realm: 'another' } }), first);
    t.is(await checksum({ restartOnChange: false }), undefined);
  },
);

chartTest(
  'chart – the values in docs/deploy/helm.md can be installed, and helm test asks what they say',
  async (t) => {
    const page = readFileSync(join(root, 'docs/deploy/helm.md'), 'utf8');
    const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const values = parse(block);
    const manifests = await render(values);
    for (const manifest of manifests) await t.notThrowsAsync(validateAny(manifest), manifest.kind);
    const [{ image, env }] = only(manifests, 'Pod').spec.containers;
    t.true(page.includes(`IMAGE=${image}\n`));
    const asks = env.find(({ name }: { name: string }) => name === 'ASKS').value;
    t.deepEqual(JSON.parse(asks), values.tests.asks);
  },
);

chartTest(
  'chart – the rendered configuration is one that Peerproof reads, with numbers as they were',
  async (t) => {
    const config = { ...(asIstio.config as object), grpc: { maxMessageBytes: 4194304 } };
    const text =
      only(installed(await render({ ...asIstio, config })), 'ConfigMap').data?.['peerproof.yaml'] ?? '';
    t.deepEqual(parse(text).grpc, { maxMessageBytes: 4194304 });
    t.notThrows(() => parseConfig(text, 'peerproof.yaml'));
  },
);

chartTest(
  'chart – documents about resources have a port only where a check over HTTP cannot hold them',
  async (t) => {
    const resourceMetadata = [{ resource: 'https://a.example' }];
    const portsOf = async (flavour: Values) => {
      const manifests = await render({
        ...flavour,
        config: { ...(flavour.config as object), resourceMetadata },
      });
      const text = only(installed(manifests), 'ConfigMap').data?.['peerproof.yaml'] ?? '';
      const { ports } = only(manifests, 'Service').spec;
      t.deepEqual(parseConfig(text, 'peerproof.yaml').config.resourceMetadata.length, 1);
      return [parse(text).listen.metadata, ports.some(({ port }: { port: number }) => port === 9004)];
    };
    t.deepEqual(await portsOf(flavours.kyma ?? {}), ['0.0.0.0:9004', true]);
    t.deepEqual(await portsOf(flavours.istio ?? {}), [undefined, false]);
  },
);
