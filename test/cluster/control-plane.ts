import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../support/ports.ts';
import { type RunningProcess, startProcess } from '../support/processes.ts';
import { findControlPlane } from './find-program.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an object of Kubernetes
  readonly body: any;
}

/** A real API server with its own etcd, and no other part of a cluster. */
export interface ControlPlane {
  readonly url: string;
  /** The PEM file of its certificate. */
  readonly caFile: string;
  readonly folder: string;
  /** Asks as an administrator, or with another token. A text is YAML. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** A token of a ServiceAccount, which is created with its namespace if it is missing. */
  tokenOf(namespace: string, name: string): Promise<string>;
  /** Ends the API server. Its data stay. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  close(): Promise<void>;
}

const admin = 'administrator';

/** Starts both programs on free ports of 127.0.0.1. */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-cluster-'));
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const caFile = join(folder, 'certs', 'apiserver.crt');
  const agent = new Agent({ keepAlive: true });
  let server: RunningProcess | undefined;
  let ca: string | undefined;
  const etcd = await startEtcd(folder);
  await writeFile(join(folder, 'tokens.csv'), `${admin},admin,admin,system:masters\n`);
  await writeFile(
    join(folder, 'accounts.key'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
  );

  const plane: ControlPlane = {
    ...{ url, caFile, folder },
    ask: (method, path, body, token = admin) => ask({ url, ca, agent }, { method, path, body, token }),
    async tokenOf(namespace, name) {
      await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await plane.ask('POST', accounts, { metadata: { name } });
      const { body } = await plane.ask('POST', `${accounts}/${name}/token`, { spec: {} });
      return body.status.token;
    },
    async stopApiServer() {
      await server?.stop();
      server = undefined;
    },
    async startApiServer() {
      server = await startProcess({
        name: 'kube-apiserver',
        command: findControlPlane('kube-apiserver') ?? '',
        args: apiServerArgs(folder, port, etcd.url),
        readyWithinMs: 60_000,
        endWithinMs: 5_000,
        async ready() {
          ca ??= await readFile(caFile, 'utf8').catch(() => undefined);
          if (ca === undefined) return false;
          const answer = await plane.ask('GET', '/readyz').catch(() => undefined);
          return answer?.status === 200;
        },
      });
    },
    async close() {
      await plane.stopApiServer();
      await etcd.child.stop();
      agent.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await plane.startApiServer();
  return plane;
}

async function startEtcd(folder: string): Promise<{ child: RunningProcess; url: string }> {
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const child = await startProcess({
    name: 'etcd',
    command: findControlPlane('etcd') ?? '',
    args: [
      ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', `${client}`, '--advertise-client-urls', `${client}`],
      ...['--listen-peer-urls', `${peer}`, '--initial-advertise-peer-urls', `${peer}`],
      ...['--initial-cluster', `default=${peer}`],
    ],
    readyWithinMs: 20_000,
    ready: () =>
      fetch(`${client}/health`)
        .then(({ ok }) => ok)
        .catch(() => false),
  });
  return { child, url: `${client}` };
}

function apiServerArgs(folder: string, port: number, etcd: string): string[] {
  const key = join(folder, 'accounts.key');
  return [
    `--etcd-servers=${etcd}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${join(folder, 'certs')}`],
    ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${key}`],
    `--service-account-signing-key-file=${key}`,
    ...[`--token-auth-file=${join(folder, 'tokens.csv')}`, '--authorization-mode=RBAC'],
    '--service-cluster-ip-range=10.0.0.0/24',
  ];
}

interface Target {
  readonly url: string;
  readonly ca: string | undefined;
  readonly agent: Agent;
}

function ask(
  { url, ca, agent }: Target,
  { method, path, body, token }: { method: string; path: string; body: unknown; token: string },
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/yaml';
  const headers = { authorization: `Bearer ${token}`, 'content-type': patch };
  const outgoing = request(`${url}${path}`, { method, headers, agent, ...(ca && { ca }) });
  outgoing.on('error', reject).on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    response.on('end', () => {
      const isJson = response.headers['content-type']?.includes('json');
      resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
    });
  });
  if (typeof body === 'string') outgoing.end(body);
  else if (body === undefined) outgoing.end();
  else outgoing.end(method === 'PATCH' ? JSON.stringify(body) : stringify(body));
  return promise;
}
