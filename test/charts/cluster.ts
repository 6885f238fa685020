import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { type Manifest, root } from '../istio/manifests.ts';
import { startKubeApiServer } from '../support/kube-api-server.ts';
import { execute, helmPath, kubectlPath, type Ran } from './chart.ts';

const run = promisify(execFile);

/** A real API server that knows the kinds of the manifests. No controller and no node runs, so no pod starts. */
export interface Cluster {
  /** Runs kubectl in the repository, or in another folder. @throws with what it says if it fails */
  kubectl(args: readonly string[], input?: string, folder?: string): Promise<string>;
  helm(args: readonly string[]): Promise<Ran>;
  /** Runs a text of bash, where kubectl and helm ask this server. @throws with what it says if it fails */
  shell(text: string, folder: string): Promise<string>;
  /** The file that says where the server is, and how to ask it as an administrator. */
  readonly kubeconfig: string;
  readonly url: string;
  /** The PEM of the authority of its certificate. */
  readonly caFile: string;
  /** The kinds whose objects it checks by their names only. */
  readonly open: readonly string[];
  stop(): Promise<void>;
}

/** @param manifests whose kinds it must know */
export async function startCluster(manifests: readonly Manifest[]): Promise<Cluster> {
  const server = await startKubeApiServer();
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, stringify(configOf(server)));
  // A home of its own, where kubectl keeps what the server offers.
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig };
  const cluster: Cluster = {
    ...{ kubeconfig, url: server.url, caFile: server.caFile, open: [] },
    async kubectl(args, input = '', cwd = root) {
      const { code, stdout, stderr } = await execute('kubectl', args, { env, input, cwd });
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    helm: (args) => execute('helm', args, { env, cwd: root }),
    async shell(text, cwd) {
      const path = [helmPath, kubectlPath].map((program) => dirname(program ?? '')).join(':');
      const options = { env: { ...env, PATH: `${path}:${process.env.PATH}` }, cwd, timeout: 120_000 };
      return (await run('bash', ['-c', text], options)).stdout;
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
  const { known, open } = definitions(manifests);
  const text = [...known, ...open].map((one) => stringify(one)).join('---\n');
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], text);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
  return { ...cluster, open: open.map(({ spec }) => spec.names.kind) };
}

function configOf({ url, caFile, admin }: { url: string; caFile: string; admin: string }): object {
  const name = 'test';
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
    clusters: [{ name, cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name, user: { token: admin } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

/**
 * The definitions beside this repository, if they are there, and an open one for each other kind: its name, group and scope,
 * and any fields.
 */
function definitions(manifests: readonly Manifest[]): { known: Manifest[]; open: Manifest[] } {
  const folder = join(root, '../shared/recorded/crds');
  const known = (existsSync(folder) ? readdirSync(folder) : []).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS()),
  );
  const isKnown = (group: string, kind: string) =>
    known.some(({ spec }) => spec.group === group && spec.names.kind === kind);
  const open = new Map<string, Manifest>();
  for (const { apiVersion, kind } of manifests) {
    const [group = '', version = ''] = apiVersion.split('/');
    if (!group.includes('.') || ofKubernetes.includes(group) || isKnown(group, kind)) continue;
    open.set(`${group}/${kind}`, openDefinition(group, version, kind));
  }
  return { known, open: [...open.values()] };
}

/** Groups that an API server serves by itself. The name of each other group has a dot too. */
const ofKubernetes = ['apiextensions.k8s.io', 'networking.k8s.io', 'rbac.authorization.k8s.io'];

function openDefinition(group: string, version: string, kind: string): Manifest {
  const singular = kind.toLowerCase();
  const plural = singular.replace(/y$/, 'ie').concat('s');
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Groups of the community need it.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    } as NonNullable<Manifest['metadata']>,
    spec: {
      ...{ group, scope: 'Namespaced', names: { kind, plural, singular } },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}
