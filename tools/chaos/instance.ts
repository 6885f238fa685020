import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '../../src/config/schema.ts';
import { configText, fetchPage } from '../../test/support/peerproof.ts';
import { freePort } from '../../test/support/ports.ts';
import { type Ended, startProcess } from '../../test/support/processes.ts';

/** Where standard output goes. By default a file of the instance, in which every line is kept. */
export interface Output {
  /** Opened by the shell that becomes Peerproof. */
  readonly path: string;
  /** A command that starts the shell, and what the shell does first. */
  readonly within?: readonly string[];
  readonly before?: string;
}

export interface InstanceOptions {
  readonly args?: readonly string[];
  /** Options of Node before the script, such as `--import`. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly output?: Output;
  /** The ports of an earlier instance, so that proxies find this one. */
  readonly ports?: Ports;
}

export interface Ports {
  readonly grpc: number;
  /** Open if the configuration has settings for this door. */
  readonly http: number;
  readonly admin: number;
}

/**
 * `peerproof serve` as a process of its own. Beside `startPeerproofProcess` it can have an odd standard output, a preloaded
 * module, or the ports of one that ended.
 */
export interface Instance {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
  readonly pid: number;
  /** Its configuration file. */
  readonly file: string;
  readonly ended: Promise<Ended>;
  /** Of `--workers`, as they are now. */
  workers(): number[];
  signal(signal: NodeJS.Signals): void;
  /** Replaces its configuration as a whole, as a rename does. */
  write(config: ConfigInput | string): Promise<void>;
  readyz(): Promise<Readyz>;
  /** One sample of `/metrics`, summed over its labels; `start` is how its line begins. */
  metric(start: string): Promise<number>;
  /** The text of its output file. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

export interface Readyz {
  readonly status: number;
  readonly ready: boolean;
  readonly configuration: { readonly version: string; readonly refused?: string };
  readonly workers?: { readonly serving: number; readonly restarts: number };
  readonly issuers: Readonly<
    Record<string, { readonly keys?: boolean; readonly answers?: boolean; readonly failure?: string }>
  >;
}

const BIN = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

/** Starts it and waits until it is ready. */
export async function startInstance(config: ConfigInput, options: InstanceOptions = {}): Promise<Instance> {
  const { args = [], nodeArgs = [], env = {}, output } = options;
  const ports = options.ports ?? { grpc: await freePort(), http: await freePort(), admin: await freePort() };
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-chaos-'));
  const file = join(folder, 'peerproof.yaml');
  const { path, within = [], before = ':' } = output ?? { path: join(folder, 'log') };
  const listen = {
    ...{ grpc: `127.0.0.1:${ports.grpc}`, admin: `127.0.0.1:${ports.admin}` },
    ...(config.http && { http: `127.0.0.1:${ports.http}` }),
  };
  const write = async (next: ConfigInput | string) => {
    await writeFile(`${file}.next`, typeof next === 'string' ? next : configText({ ...next, listen }), {
      mode: 0o600,
    });
    await rename(`${file}.next`, file);
  };
  const page = (name: string) => fetchPage(ports.admin, name);
  try {
    await write(config);
    const shell = ['/bin/sh', '-c', `${before} && exec "$@" >"$0"`, path];
    const serve = [process.execPath, ...nodeArgs, BIN, 'serve', '--config', file, ...args];
    const [command = '', ...rest] = [...within, ...shell, ...serve];
    const child = await startProcess({
      name: 'peerproof',
      command,
      args: rest,
      env: { ...process.env, ...env },
      ready: () =>
        page('/readyz').then(
          ({ status }) => status === 200,
          () => false,
        ),
      readyWithinMs: 30_000,
      endWithinMs: 30_000,
    });
    return {
      ...{ grpcPort: ports.grpc, httpPort: ports.http, adminPort: ports.admin },
      ...{ pid: child.pid, file, write },
      ...{ ended: child.ended, signal: child.signal },
      workers: () => workersOf(child.pid),
      readyz: async () => {
        const { status, body } = await page('/readyz');
        return { status, ...JSON.parse(body) };
      },
      metric: async (start) =>
        (await page('/metrics')).body
          .split('\n')
          .filter((line) => line.startsWith(start))
          .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0),
      log: () => readFile(path, 'utf8'),
      stop: async () => {
        await child.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The watcher process of a test's child is not one of its children, so each of these is a worker. */
function workersOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map(Number)
    .filter((child) => child > 0 && commandOf(child).includes('serve'));
}

/** Empty if the process has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
