import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEnvoy } from './envoy-binary.ts';
import { envoyBootstrap } from './envoy-config.ts';
import { authorizerCluster } from './envoy-ext-authz.ts';
import type { EnvoyOptions } from './envoy-options.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import { waitFor } from './wait.ts';

export * from './envoy-options.ts';

/** A running Envoy. */
export interface Envoy {
  readonly pid: number;
  readonly adminPort: number;
  /** The port of a listener by its name. */
  port(listener: string): number;
  /** Asks the admin interface, such as `/stats?filter=ext_authz`. Some paths want `POST`. */
  admin(path: string, method?: 'GET' | 'POST'): Promise<string>;
  /** One counter or gauge by its exact name; 0 when Envoy does not list it. */
  stat(name: string): Promise<number>;
  /** Waits until exactly `count` of the authorizer instances of a listener pass their health check. */
  healthyAuthorizers(listener: string, count: number, withinMs?: number): Promise<void>;
  /** The last lines of its log. */
  logs(): string;
  stop(): Promise<void>;
}

/** A listener's port can be taken between the look and the bind. */
const ATTEMPTS = 3;
const PORT_TAKEN = /cannot bind|Address already in use/i;
const ADMIN_TIMEOUT_MS = 20_000;

async function start(
  binary: string,
  options: EnvoyOptions,
  folder: string,
): Promise<[RunningProcess, Map<string, number>]> {
  for (let attempt = 1; ; attempt++) {
    const ports = new Map<string, number>();
    for (const { name, port } of options.listeners) ports.set(name, port ?? (await freePort()));
    const config = join(folder, 'bootstrap.json');
    const adminAddress = join(folder, 'admin-address');
    await writeFile(config, envoyBootstrap(options, ports), { mode: 0o600 });
    try {
      const child = await startProcess({
        name: 'envoy',
        command: binary,
        args: [
          ...['--config-path', config],
          ...['--admin-address-path', adminAddress],
          ...['--concurrency', String(options.concurrency ?? 1)],
          ...['--log-level', options.logLevel ?? 'warning'],
          // Without hot restart there is no shared memory, so any number of them run side by side.
          '--disable-hot-restart',
        ],
        ready: () => isReady(adminAddress),
        readyWithinMs: 15_000,
      });
      return [child, ports];
    } catch (error) {
      if (attempt >= ATTEMPTS || !PORT_TAKEN.test((error as Error).message)) throw error;
      await rm(adminAddress, { force: true });
    }
  }
}

async function readAdminPort(adminAddress: string): Promise<number | undefined> {
  const text = await readFile(adminAddress, 'utf8').catch(() => '');
  const port = /:(\d+)$/.exec(text.trim())?.[1];
  return port === undefined ? undefined : Number(port);
}

async function isReady(adminAddress: string): Promise<boolean> {
  const port = await readAdminPort(adminAddress);
  if (port === undefined) return false;
  try {
    const url = `http://127.0.0.1:${port}/ready`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(ADMIN_TIMEOUT_MS) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/**
 * Starts an Envoy with these listeners, all on 127.0.0.1, and waits until it serves.
 * Throws where no Envoy can be had: ask `findEnvoy` first where a test may skip.
 */
export async function startEnvoy(options: EnvoyOptions): Promise<Envoy> {
  const binary = await findEnvoy();
  if (binary === undefined) throw new Error('no Envoy on this machine');
  // Holds private keys of the test CA, so readable by this user only; removed as soon as Envoy has read it.
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-envoy-'));
  let child: RunningProcess;
  let ports: Map<string, number>;
  let adminPort: number | undefined;
  try {
    [child, ports] = await start(binary, options, folder);
    adminPort = await readAdminPort(join(folder, 'admin-address'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (adminPort === undefined) throw new Error('Envoy did not say where its admin interface is');

  const admin = async (path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${adminPort}${path}`, {
      method,
      signal: AbortSignal.timeout(ADMIN_TIMEOUT_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Envoy's admin answered ${answer.status} to ${path}: ${text}`);
    return text;
  };
  const stat = async (name: string): Promise<number> => {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const text = await admin(`/stats?filter=${encodeURIComponent(`^${escaped}$`)}`);
    return Number(text.trim().slice(name.length + 2) || 0);
  };
  return {
    pid: child.pid,
    adminPort,
    port: (listener) => {
      const port = ports.get(listener);
      if (port === undefined) throw new TypeError(`no listener ${listener}`);
      return port;
    },
    admin,
    stat,
    healthyAuthorizers: async (listener, count, withinMs = 5_000) => {
      const name = `cluster.${authorizerCluster(listener)}.membership_healthy`;
      await waitFor(`${count} healthy authorizers`, withinMs, async () => (await stat(name)) === count);
    },
    logs: () => child.stderr(),
    stop: async () => {
      await child.stop();
    },
  };
}
