import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { root } from '../istio/manifests.ts';
import { chartTest, kustomize, only } from './chart.ts';

/** The folders that docs/deploy/kustomize.md shows, beside a copy of the overlays. */
const page = readFileSync(join(root, 'docs/deploy/kustomize.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);

chartTest(
  'docs/deploy/kustomize.md – a folder of your own has your image and your configuration',
  async (t) => {
    const manifests = await built(t, blocks[0], (text) => text.replace('login.example.com', 'issuer.mine'));
    const [container] = only(manifests, 'Deployment').spec.template.spec.containers;
    t.is(container.image, 'registry.example.com/peerproof:0.1.0');
    const map = only(manifests, 'ConfigMap');
    t.true(map.data?.['peerproof.yaml']?.includes('https://issuer.mine'));
    t.is(map.metadata?.name, 'peerproof', 'the pods name it so');
  },
);

chartTest(
  'docs/deploy/kustomize.md – two patches let other namespaces ask, in the mesh and in the network',
  async (t) => {
    const manifests = await built(t, blocks[1]);
    const [ask, metrics] = only(manifests, 'AuthorizationPolicy').spec.rules;
    const { principals } = ask.from[0].source;
    t.deepEqual(principals, ['cluster.local/ns/shop/sa/*', 'cluster.local/ns/pay/sa/*']);
    t.deepEqual(ask.to[0].operation.ports, ['9001']);
    t.deepEqual(metrics.to[0].operation.ports, ['9003']);
    const [allowed] = only(manifests, 'NetworkPolicy').spec.ingress;
    t.deepEqual(
      allowed.from.map(
        (one: { namespaceSelector: { matchLabels: object } }) => one.namespaceSelector.matchLabels,
      ),
      ['shop', 'pay'].map((name) => ({ 'kubernetes.io/metadata.name': name })),
    );
    t.deepEqual(allowed.ports, [{ port: 9001, protocol: 'TCP' }]);
  },
);

chartTest('docs/deploy/kustomize.md – a patch names the revision of the mesh', async (t) => {
  const { labels } = only(await built(t, blocks[2]), 'Deployment').spec.template.metadata;
  t.is(labels['istio.io/rev'], '1-30');
  t.is(labels['sidecar.istio.io/inject'], 'true');
});

chartTest(
  'Kustomize – another namespace holds everything, also the right to create TokenReviews',
  async (t) => {
    const block = `namespace: authz
resources: [../kustomize/overlays/istio]
components: [../kustomize/components/token-review]
`;
    const manifests = await built(t, block);
    for (const { kind, metadata } of manifests)
      if (kind === 'Namespace') t.is(metadata?.name, 'authz');
      else if (!kind.startsWith('ClusterRole')) t.is(metadata?.namespace, 'authz', kind);
    const { subjects } = only(manifests, 'ClusterRoleBinding') as unknown as {
      subjects: { namespace: string }[];
    };
    t.is(subjects[0]?.namespace, 'authz');
  },
);

/** What kubectl makes of a folder with this kustomization and a copy of the first configuration. */
async function built(t: ExecutionContext, kustomization = '', change = (text: string) => text) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-own-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'kustomize'), join(folder, 'kustomize'), { recursive: true });
  const own = join(folder, 'my-peerproof');
  mkdirSync(own);
  const first = readFileSync(join(root, 'kustomize/overlays/istio/peerproof.yaml'), 'utf8');
  writeFileSync(join(own, 'peerproof.yaml'), change(first));
  writeFileSync(join(own, 'kustomization.yaml'), kustomization);
  return kustomize(own);
}
