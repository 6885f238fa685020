import { Agent, request } from 'node:https';
import { stringify } from 'yaml';
import { startKubeApiServer } from '../support/kube-api-server.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an object of Kubernetes
  readonly body: any;
}

/** A real API server with its own etcd, and no other part of a cluster. */
export interface ControlPlane {
  readonly url: string;
  /** The PEM file of the authority of its certificate. */
  readonly caFile: string;
  readonly folder: string;
  /** The bearer token of an administrator, and the `iss` of its ServiceAccount tokens. */
  readonly admin: string;
  readonly issuer: string;
  /** Asks as an administrator, or with another token. A text is YAML. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** A token of a ServiceAccount, which is created with its namespace if it is missing. */
  tokenOf(namespace: string, name: string): Promise<string>;
  /** Ends the API server. Its data stay. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  close(): Promise<void>;
}

/** Starts both programs on free ports of 127.0.0.1. @param more further arguments of kube-apiserver */
export async function startControlPlane(...more: readonly string[]): Promise<ControlPlane> {
  const server = await startKubeApiServer(...more);
  const { url, ca, caFile, folder, admin, issuer } = server;
  const agent = new Agent({ keepAlive: true });
  const plane: ControlPlane = {
    ...{ url, caFile, folder, admin, issuer },
    ask: (method, path, body, token = admin) => ask({ url, ca, agent }, { method, path, body, token }),
    async tokenOf(namespace, name) {
      await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await plane.ask('POST', accounts, { metadata: { name } });
      const { body } = await plane.ask('POST', `${accounts}/${name}/token`, { spec: {} });
      return body.status.token;
    },
    stopApiServer: server.down,
    startApiServer: server.up,
    async close() {
      agent.destroy();
      await server.stop();
    },
  };
  return plane;
}

interface Target {
  readonly url: string;
  readonly ca: string;
  readonly agent: Agent;
}

function ask(
  { url, ca, agent }: Target,
  { method, path, body, token }: { method: string; path: string; body: unknown; token: string },
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/yaml';
  const headers = { authorization: `Bearer ${token}`, 'content-type': patch };
  const outgoing = request(`${url}${path}`, { method, headers, agent, ca });
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
