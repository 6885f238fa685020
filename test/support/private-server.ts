import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram, type ProgramName } from './debian-binary.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';

/** The port of a listener by its name. */
export type PortOf = (listener: string) => number;

/** What a server is started with. */
export interface ServerOptions {
  /** Each gets a free port of 127.0.0.1. */
  listeners: readonly string[];
  /** The configuration, in the server's own language. */
  config: (port: PortOf) => string;
  /** Files beside the configuration, which names them by relative paths: certificates and keys. */
  files?: Readonly<Record<string, string>>;
}

/** A running server. */
export interface PrivateServer {
  readonly pid: number;
  readonly port: PortOf;
  /** The last lines of its log. */
  logs(): string;
  stop(): Promise<void>;
}

/** What one kind of server needs. */
export interface ServerKind {
  name: ProgramName;
  configFile: string;
  /** The configuration file around what `config` gave. */
  around: (config: string) => string;
  args: (folder: string) => string[];
  env?: (folder: string) => Record<string, string>;
  ready: (folder: string, child: RunningProcess) => boolean | Promise<boolean>;
}

/** A listener's port can be taken between the look and the bind. */
const ATTEMPTS = 3;
const PORT_TAKEN = /address already in use/i;

/**
 * Starts a server that shares nothing with one of the system: its folder is its own, it listens on 127.0.0.1 alone, and
 * it stays in the foreground. Throws where there is no such server: ask `findProgram` first where a test may skip.
 */
export async function startPrivateServer(kind: ServerKind, options: ServerOptions): Promise<PrivateServer> {
  // Holds private keys of the test CA, so readable by this user only.
  const folder = await mkdtemp(join(tmpdir(), `peerproof-${kind.name}-`));
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    const [child, port] = await start(kind, options, folder);
    // What is read once need not stay; the folder itself does, for the bodies that the server buffers.
    for (const name of [kind.configFile, ...Object.keys(options.files ?? {})]) await rm(join(folder, name));
    return {
      pid: child.pid,
      port,
      logs: () => child.stderr(),
      stop: async () => {
        await child.stop();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function start(
  kind: ServerKind,
  { listeners, config, files = {} }: ServerOptions,
  folder: string,
): Promise<[RunningProcess, PortOf]> {
  const program = await findProgram(kind.name);
  if (!program) throw new Error(`no ${kind.name} on this machine`);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  for (let attempt = 1; ; attempt++) {
    const ports = new Map<string, number>();
    for (const name of listeners) ports.set(name, await freePort());
    const port: PortOf = (name) => {
      const number = ports.get(name);
      if (number === undefined) throw new TypeError(`no listener ${name}`);
      return number;
    };
    await writeFile(join(folder, kind.configFile), kind.around(config(port)), { mode: 0o600 });
    try {
      const child = await startProcess({
        name: kind.name,
        command: program.path,
        args: kind.args(folder),
        env: { ...process.env, ...program.env, ...kind.env?.(folder) },
        cwd: folder,
        ready: (running) => kind.ready(folder, running),
      });
      return [child, port];
    } catch (error) {
      if (attempt >= ATTEMPTS || !PORT_TAKEN.test((error as Error).message)) throw error;
    }
  }
}
