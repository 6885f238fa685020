import { readFileSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';
import type { ConfigInput } from '../config/schema.ts';
import { issuersInCluster } from './issuers-in-cluster.ts';
import type { Place, TextFile } from './target.ts';

const folder = new URL('../../', import.meta.url);

/**
 * A file of `istio/`, `kustomize/` or `proxies/` of this package, without the comment at its top, which is about the original.
 * @throws an error of the file system if this installation has no such folder
 */
export function readTemplate(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8').replace(/^(?:#.*\n)+/, '');
}

/** A change of one document. The comments in it stay. */
export type ManifestChange = (document: Document) => void;

/** The manifest as the target has it, changed. @throws TypeError if it is not one YAML document */
export function createManifest(template: string, path: string, change?: ManifestChange): TextFile {
  const text = readTemplate(template);
  if (!change) return { path, text: `${head}${text}` };
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new TypeError(`${template} is not one YAML document`);
  change(document);
  return { path, text: `${head}${document.toString({ lineWidth: 0, flowCollectionPadding: false })}` };
}

const head = '# Written by peerproof migrate oauth2-proxy. README.md has the order of the commands.\n';

/** The ConfigMap that holds this configuration. */
export function createConfigMap(configuration: string): TextFile {
  const indented = configuration.replace(/^(?=.)/gm, '    ');
  return {
    path: 'manifests/config.yaml',
    text: `${head}apiVersion: v1
kind: ConfigMap
metadata:
  name: peerproof
  namespace: peerproof
  labels:
    app.kubernetes.io/name: peerproof
data:
  peerproof.yaml: |
${indented}`,
  };
}

/** The callers of Peerproof: the proxies of these namespaces, in place of the example, and those after it. */
export function allowPrincipals({ namespaces }: Place): ManifestChange {
  return (document) => {
    const at = ['spec', 'rules', 0, 'from', 0, 'source', 'principals'];
    const [, ...others] = jsonAt(document, at);
    const own = namespaces.map((name) => `cluster.local/ns/${name}/sa/*`);
    document.setIn(at, document.createNode([...own, ...others]));
  };
}

/** The same for the network, and the way to issuers in the cluster, whose ports the manifest does not know. */
export function allowNetwork({ issuers = {} }: ConfigInput, { namespaces }: Place): ManifestChange {
  return (document) => {
    const at = ['spec', 'ingress', 0, 'from'];
    const [, ...others] = jsonAt(document, at);
    const own = namespaces.map((name) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    }));
    document.setIn(at, document.createNode([...own, ...others]));
    for (const { namespace, port } of issuersInCluster(Object.values(issuers)))
      document.addIn(
        ['spec', 'egress'],
        document.createNode({
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
          ports: [{ port, protocol: 'TCP' }],
        }),
      );
  };
}

export function useImage({ image }: Place): ManifestChange {
  return (document) => {
    if (image === undefined) return;
    document.setIn(['spec', 'template', 'spec', 'containers', 0, 'image'], image);
  };
}

/** A list of the document. */
function jsonAt(document: Document, at: readonly (string | number)[]): readonly unknown[] {
  const list = at.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
    document.toJS(),
  );
  if (!Array.isArray(list)) throw new TypeError(`${at.join('.')} is not a list`);
  return list;
}
