import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../istio/manifests.ts';
import { chartTest, installed, only, render } from './chart.ts';
import { asIstio } from './values.ts';

const values = { ...asIstio, authorizationRules: { enabled: true } };

chartTest(
  'chart – rules of teams: Peerproof may watch them and write their status, and nothing else',
  async (t) => {
    const manifests = installed(await render(values));
    t.deepEqual((only(manifests, 'ClusterRole') as unknown as { rules: unknown }).rules, [
      { apiGroups: ['peerproof.io'], resources: ['authorizationrules'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['peerproof.io'], resources: ['authorizationrules/status'], verbs: ['patch'] },
    ]);
    const binding = only(manifests, 'ClusterRoleBinding') as unknown as {
      roleRef: { name: string };
      subjects: unknown;
    };
    t.is(binding.roleRef.name, only(manifests, 'ClusterRole').metadata?.name ?? '');
    const { name, namespace } = only(manifests, 'ServiceAccount').metadata ?? {};
    t.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name, namespace }]);
    t.true(only(manifests, 'Deployment').spec.template.spec.automountServiceAccountToken);
  },
);

chartTest(
  'chart – rules of teams: their definition is the generated one, and outlives the release',
  async (t) => {
    const { metadata, ...crd } = only(await render(values), 'CustomResourceDefinition');
    const file = parse(readFileSync(join(root, 'charts/peerproof/files/authorization-rules.yaml'), 'utf8'));
    t.deepEqual({ ...crd, metadata: { name: metadata?.name } }, file);
    t.like(metadata, { annotations: { 'helm.sh/resource-policy': 'keep' } });
  },
);

chartTest(
  'chart – rules of teams: the definition can come from elsewhere, and neither is there by default',
  async (t) => {
    const kinds = async (one: object) => new Set((await render(one as never)).map(({ kind }) => kind));
    t.false(
      (await kinds({ ...values, authorizationRules: { enabled: true, crd: false } })).has(
        'CustomResourceDefinition',
      ),
    );
    const byDefault = await kinds(asIstio);
    t.false(byDefault.has('ClusterRole') || byDefault.has('CustomResourceDefinition'));
  },
);
