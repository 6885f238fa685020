/** The Kustomize base and overlays. Each object is what the Helm chart renders for one of the files in its folder `ci/`. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { top } from '../docs/pages.ts';
import { commentOf } from './comments.ts';
import { helmTemplate } from './helm.ts';
import { overlayConfig } from './overlay-config.ts';
import { components, type Overlay, overlays, valuesOf } from './overlays.ts';

/** What is the same in each overlay. */
const shared: readonly string[] = ['ServiceAccount', 'PodDisruptionBudget'];

/**
 * Every file below `kustomize/` with its text.
 * @throws if an object of the base is not the same in each overlay, or if a file has no comment
 */
export async function kustomizeFiles(helm: string): Promise<[URL, string][]> {
  const rendered = await Promise.all(
    overlays.map(async (overlay) => objectsIn(await helmTemplate(helm, valuesOf(overlay)))),
  );
  const isShared = ([kind]: readonly [string, string]) => shared.includes(kind);
  const base = rendered[0]?.filter(isShared) ?? [];
  const files = overlays.flatMap((overlay, index) => {
    const objects = rendered[index] ?? [];
    if (!isDeepStrictEqual(objects.filter(isShared), base))
      throw new Error(`${shared.join(' or ')} of ${overlay} is not the same as in ${overlays[0]}`);
    return overlayFiles(
      overlay,
      objects.filter((object) => !isShared(object)),
    );
  });
  for (const [name, values] of Object.entries(components)) {
    const granted = objectsIn(await helmTemplate(helm, valuesOf('istio'), values));
    files.push(...componentFiles(name, granted));
  }
  return [...baseFiles(base), ...files].map(([path, text]) => [
    new URL(`kustomize/${path}`, top),
    `${commentOf(path)}${text}`,
  ]);
}

type Objects = readonly (readonly [kind: string, text: string])[];

function baseFiles(objects: Objects): [string, string][] {
  const files = new Map([['namespace.yaml', namespace], ...byFile(objects)]);
  return [
    ['base/kustomization.yaml', kustomization([...files.keys()])],
    ...[...files].map(([name, text]): [string, string] => [`base/${name}`, text]),
  ];
}

function overlayFiles(overlay: Overlay, objects: Objects): [string, string][] {
  const files = byFile(objects.filter(([kind]) => kind !== 'ConfigMap'));
  const { metadata, data } = parse(objects.find(([kind]) => kind === 'ConfigMap')?.[1] ?? '');
  const written = readFileSync(valuesOf(overlay), 'utf8');
  return [
    ['kustomization.yaml', `${kustomization(['../../base', ...files.keys()])}${generator(metadata.labels)}`],
    ['peerproof.yaml', overlayConfig(written, parse(data['peerproof.yaml']))],
    ...files,
  ].map(([name, text]) => [`overlays/${overlay}/${name}`, text ?? '']);
}

/** What is outside of the namespace. A test compares each overlay, with the component, with the chart as a whole. */
function componentFiles(name: string, objects: Objects): [string, string][] {
  const files = byFile(objects.filter(([kind]) => /^(?:ClusterRole|CustomResourceDefinition)/.test(kind)));
  return [['kustomization.yaml', component([...files.keys()])] as const, ...files].map(
    ([file, text]): [string, string] => [`components/${name}/${file}`, text],
  );
}

/** Objects of one kind share a file: two of them are two documents. */
function byFile(objects: Objects): Map<string, string> {
  const files = new Map<string, string>();
  for (const [kind, text] of objects) {
    const name = `${kind.replace(/\B[A-Z]/g, '-$&').toLowerCase()}.yaml`;
    const before = files.get(name);
    files.set(name, before ? `${before}---\n${text}` : text);
  }
  return files;
}

/** Labels that are about Helm, and the checksum with which its upgrade replaces the pods. */
const ofHelm = [
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
  'helm.sh/resource-policy',
  'checksum/config',
];
const lineOfHelm = new RegExp(`^ +(?:${ofHelm.join('|')}): .*\\n`, 'gm');

/** Annotations of which nothing is left. */
const noAnnotations = /^( *)annotations:\n(?=\1\w)/gm;

/** The objects that helm printed, without what is Helm's own. Comments of the templates stay. */
function objectsIn(text: string): [kind: string, text: string][] {
  return text
    .split(/^---\n# Source: .*\n/m)
    .filter((object) => object.trim() !== '')
    .map((object) => [
      parse(object).kind,
      `${object.replace(lineOfHelm, '').replace(noAnnotations, '').trim()}\n`,
    ]);
}

const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: peerproof
`;

function kustomization(resources: readonly string[]): string {
  const lines = resources.map((name) => `  - ${name}\n`).join('');
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${lines}`;
}

/** Mounts the token of the ServiceAccount, which nothing needs without the right. */
function component(resources: readonly string[]): string {
  const lines = resources.map((name) => `  - ${name}\n`).join('');
  const mount = (kind: string, path: string) => `  - target: {kind: ${kind}, name: peerproof}
    patch: |
      - {op: replace, path: ${path}automountServiceAccountToken, value: true}
`;
  return `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
${lines}patches:
${mount('ServiceAccount', '/')}${mount('Deployment', '/spec/template/spec/')}`;
}

/** Makes the ConfigMap of a file that `peerproof validate` reads as it is. */
function generator(labels: Readonly<Record<string, string>>): string {
  const lines = Object.entries(labels).filter(([name]) => !ofHelm.includes(name));
  return `configMapGenerator:
  - name: peerproof
    namespace: peerproof
    files: [peerproof.yaml]
    options:
      disableNameSuffixHash: true
      labels:
${lines.map(([name, value]) => `        ${name}: ${JSON.stringify(value)}\n`).join('')}`;
}
