import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '../../src/config/schema.ts';
import { configText, fetchPage, type LogLine } from './peerproof.ts';
import { freePort } from './ports.ts';
import { type Ended, startProcess } from './processes.ts';

/** `peerproof serve` as a process of its own, for what signals do. */
export interface PeerproofProcess {
  readonly grpcPort: number;
  /** 0 where the configuration does not open the HTTP door. */
  readonly httpPort: number;
  readonly adminPort: number;
  readonly pid: number;
  /** Its configuration. */
  readonly file: string;
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
  page(path: string): Promise<{ status: number; body: string }>;
  /** All that it wrote to its standard output so far. */
  lines(): Promise<string[]>;
  decisions(): Promise<LogLine[]>;
  stderr(): string;
  stop(): Promise<void>;
}

const BIN = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

/** Starts it and waits until it is ready, or until its page `/readyz` fits. */
export async function startPeerproofProcess(
  config: ConfigInput,
  args: readonly string[] = [],
  isUp: (page: { status: number; body: string }) => boolean = ({ status }) => status === 200,
): Promise<PeerproofProcess> {
  const grpcPort = await freePort();
  const httpPort = config.http ? await freePort() : 0;
  const adminPort = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-process-'));
  const file = join(folder, 'peerproof.yaml');
  const log = join(folder, 'log');
  const listen = {
    grpc: `127.0.0.1:${grpcPort}`,
    ...(httpPort && { http: `127.0.0.1:${httpPort}` }),
    admin: `127.0.0.1:${adminPort}`,
  };
  const page = (path: string) => fetchPage(adminPort, path);
  try {
    const { listen: more, ...others } = config;
    // First, because a test may add a rule at the end of the file.
    await writeFile(file, configText({ listen: { ...listen, ...more }, ...others }), { mode: 0o600 });
    const child = await startProcess({
      name: 'peerproof',
      // The shell only opens the log, in which every line is kept, and becomes the process itself.
      command: '/bin/sh',
      args: ['-c', 'exec "$@" >"$0"', log, process.execPath, BIN, 'serve', '--config', file, ...args],
      ready: () => page('/readyz').then(isUp, () => false),
      readyWithinMs: 30_000,
      endWithinMs: 30_000,
    });
    const lines = async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
    return {
      grpcPort,
      httpPort,
      adminPort,
      pid: child.pid,
      file,
      ended: child.ended,
      signal: child.signal,
      page,
      lines,
      decisions: async () =>
        (await lines()).map((line) => JSON.parse(line)).filter((line) => line.decision_id),
      stderr: child.stderr,
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
