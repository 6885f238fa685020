import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { stringify } from 'yaml';
import { loadConfig, loadLater } from '../../src/config/load.ts';
import { serve } from '../../src/serve/start.ts';
import { type CheckClient, httpCheck, openCheckClient } from '../support/check-client.ts';
import type { ClientTls } from '../support/client.ts';
import { fetchPage } from '../support/peerproof.ts';

/** A Peerproof that serves what stands in a folder, laid out as Kubernetes lays out a mounted ConfigMap. */
export interface ReloadWorld {
  readonly folder: string;
  readonly client: CheckClient;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
  readonly lines: readonly string[];
  /** Another connection, over TLS. */
  connect(tls?: ClientTls): CheckClient;
  /** Replaces all files at once: a new folder, then the symlink `..data` is turned. */
  mount(files: Record<string, string>): Promise<void>;
  readyz(): Promise<{ status: number; configuration: { version: string; refused?: string } }>;
  metrics(): Promise<string>;
  /** The reason of a check. */
  ask(token?: string, headers?: Record<string, string>, client?: CheckClient): Promise<string>;
  events(name: string): { version: string; failure?: string }[];
  /** SIGHUP, without the second that the watch waits. */
  reload(): Promise<void>;
}

/** The configuration as its file. Ports are free ones, nothing waits at the end. */
export function yaml(config: object): string {
  return stringify({
    listen: { grpc: '127.0.0.1:0', admin: '127.0.0.1:0', http: '127.0.0.1:0' },
    drain: { delay: '0ms', timeout: '1s' },
    ...config,
  });
}

export async function startReloadWorld(
  t: ExecutionContext,
  files: Record<string, string>,
): Promise<ReloadWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-reload-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  let generation = 0;
  const mount: ReloadWorld['mount'] = async (next) => {
    const data = `..${++generation}`;
    await mkdir(join(folder, data));
    for (const [name, text] of Object.entries(next)) await writeFile(join(folder, data, name), text);
    await symlink(data, join(folder, '..next'));
    await rename(join(folder, '..next'), join(folder, '..data'));
    if (generation === 1)
      for (const name of Object.keys(next)) await symlink(join('..data', name), join(folder, name));
  };
  await mount(files);
  const file = join(folder, 'peerproof.yaml');
  const lines: string[] = [];
  const running = await serve(loadConfig(file), {
    log: { write: (line: string) => lines.push(line) },
    reload: { load: (lastGood) => loadLater(file, undefined, lastGood), files: [file] },
  });
  t.teardown(() => running.drain());
  await running.ready;
  const open: CheckClient[] = [];
  const connect = (tls?: ClientTls) => {
    const client = openCheckClient(running.grpcPort, tls);
    open.push(client);
    return client;
  };
  t.teardown(() => {
    for (const one of open) one.close();
  });
  const client = connect();
  return {
    folder,
    client,
    grpcPort: running.grpcPort,
    httpPort: running.httpPort ?? 0,
    adminPort: running.adminPort,
    lines,
    connect,
    mount,
    readyz: async () => {
      const { status, body } = await fetchPage(running.adminPort, '/readyz');
      return { status, ...JSON.parse(body) };
    },
    metrics: async () => (await fetchPage(running.adminPort, '/metrics')).body,
    ask: async (token, headers = {}, by = client) =>
      (await by.check(httpCheck(token, headers))).status.message,
    events: (name) => lines.map((line) => JSON.parse(line)).filter(({ event }) => event === name),
    reload: async () => running.reload?.(),
  };
}
