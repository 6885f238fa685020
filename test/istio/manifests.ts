import { globSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

export const root = new URL('../../', import.meta.url).pathname;

/** One resource of `istio/` or `kustomize/`. Only what every resource has is typed; the rest is what its schema says. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string; namespace?: string; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a resource is what these tests are about
  spec?: any;
  data?: Record<string, string>;
}

export interface ManifestFile {
  path: string;
  text: string;
  documents: Manifest[];
}

/**
 * Every file in `istio/` and `kustomize/`, parsed; throws at the first YAML error, duplicate keys included. The configurations
 * of Peerproof beside them are left out.
 */
export function readManifests(): ManifestFile[] {
  return globSync('{istio,kustomize}/**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'peerproof.yaml')
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()
    .map((file) => {
      const text = readFileSync(file, 'utf8');
      const documents = parseAllDocuments(text).map((document) => {
        const problem = document.errors[0] ?? document.warnings[0];
        if (problem) throw problem;
        return document.toJS() as Manifest;
      });
      return { path: file.slice(root.length), text, documents };
    });
}
