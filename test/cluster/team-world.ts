import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoadedConfig, loadLater } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { leavingOut } from '../../src/config/teams/handling.ts';
import { serve } from '../../src/serve/start.ts';
import { root } from '../istio/manifests.ts';
import { openCheckClient } from '../support/check-client.ts';
import { configText, fetchPage } from '../support/peerproof.ts';
import { waitFor } from '../support/wait.ts';
import { type Answer, type ControlPlane, startControlPlane } from './control-plane.ts';

export interface StatusOfRules {
  readonly observedGeneration: number;
  readonly rules: number;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly observedGeneration: number;
    readonly lastTransitionTime: string;
  }[];
}

/** An API server with the kind of teams' rules, and with the rights that the chart gives Peerproof. */
export interface TeamWorld {
  readonly plane: ControlPlane;
  /** The settings with which Peerproof finds it. */
  readonly rulesFrom: NonNullable<ConfigInput['rulesFrom']>;
  /** Writes an object, or what it holds now. */
  apply(namespace: string, name: string, spec: unknown): Promise<Answer>;
  remove(namespace: string, name: string): Promise<void>;
  status(namespace: string, name: string): Promise<StatusOfRules | undefined>;
  /** The status, as soon as it is about the present form. */
  judged(namespace: string, name: string): Promise<StatusOfRules>;
  start(config: Omit<ConfigInput, 'listen'>): Promise<TeamReplica>;
  close(): Promise<void>;
}

/** A running Peerproof that watches. */
export interface TeamReplica {
  readonly lines: readonly string[];
  /** The reason of a check of this workload. */
  ask(destination: string, path?: string): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read single members
  readyz(): Promise<{ status: number; body: any }>;
  metrics(): Promise<string>;
  drain(): Promise<void>;
}

export const objectsPath = (namespace: string) =>
  `/apis/peerproof.io/v1alpha1/namespaces/${namespace}/authorizationrules`;

const access = [
  { apiGroups: ['peerproof.io'], resources: ['authorizationrules'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['peerproof.io'], resources: ['authorizationrules/status'], verbs: ['patch'] },
];

export async function startTeamWorld(): Promise<TeamWorld> {
  const plane = await startControlPlane();
  const { folder, caFile } = plane;
  const crd = readFileSync(join(root, 'charts/peerproof/files/authorization-rules.yaml'), 'utf8');
  await plane.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await plane.ask('POST', `${rbac}/clusterroles`, { metadata: { name: 'peerproof' }, rules: access });
  await plane.ask('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'peerproof' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'peerproof' },
    subjects: [{ kind: 'ServiceAccount', name: 'peerproof', namespace: 'peerproof' }],
  });
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, await plane.tokenOf('peerproof', 'peerproof'));
  const isServed = async () => (await plane.ask('GET', objectsPath('peerproof'))).status === 200;
  await waitFor('the kind is served', 10_000, isServed);
  const read = async (namespace: string, name: string) =>
    (await plane.ask('GET', `${objectsPath(namespace)}/${name}`)).body;
  return {
    plane,
    rulesFrom: { kubernetes: { apiServer: plane.url, ca: caFile, tokenFile } },
    async apply(namespace, name, spec) {
      await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
      const object = {
        ...{ apiVersion: 'peerproof.io/v1alpha1', kind: 'AuthorizationRules', metadata: { name }, spec },
      };
      const created = await plane.ask('POST', objectsPath(namespace), object);
      if (created.status !== 409) return created;
      const { metadata } = await read(namespace, name);
      return plane.ask('PUT', `${objectsPath(namespace)}/${name}`, { ...object, metadata });
    },
    async remove(namespace, name) {
      await plane.ask('DELETE', `${objectsPath(namespace)}/${name}`);
    },
    status: async (namespace, name) => (await read(namespace, name)).status,
    judged: (namespace, name) =>
      waitFor(`${namespace}/${name} has a status`, 10_000, async () => {
        const { metadata, status } = await read(namespace, name);
        return status?.observedGeneration === metadata.generation && (status as StatusOfRules);
      }),
    start: (config) => startReplica(folder, config),
    close: () => plane.close(),
  };
}

let replicas = 0;

async function startReplica(folder: string, config: Omit<ConfigInput, 'listen'>): Promise<TeamReplica> {
  const file = join(folder, `peerproof-${replicas++}.yaml`);
  await writeFile(file, configText(config as ConfigInput));
  const teams = leavingOut();
  const load = (lastGood?: LoadedConfig['files']) => loadLater(file, teams, lastGood);
  const lines: string[] = [];
  const running = await serve(await load(), {
    log: { write: (line: string) => lines.push(line) },
    reload: { load, teams, files: [file] },
  });
  const client = openCheckClient(running.grpcPort);
  return {
    lines,
    async ask(destination, path = '/') {
      const http = { method: 'GET', host: 'app.test', path, headers: {} };
      await client.check({ attributes: { request: { http }, destination: { principal: destination } } });
      return JSON.parse(lines.filter((line) => line.includes('"decision_id"')).at(-1) ?? '{}').reason;
    },
    async readyz() {
      const { status, body } = await fetchPage(running.adminPort, '/readyz');
      return { status, body: JSON.parse(body) };
    },
    metrics: async () => (await fetchPage(running.adminPort, '/metrics')).body,
    async drain() {
      client.close();
      await running.drain();
    },
  };
}
