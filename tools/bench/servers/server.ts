import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from '../../../test/support/processes.ts';
import { waitFor } from '../../../test/support/wait.ts';
import { finalStage } from '../../image/dockerfile.ts';
import { onCore } from '../cores.ts';
import type { Target } from '../load/connection.ts';
import { type DecisionLines, takeLines } from './decision-lines.ts';

/** A server under load. */
export interface Server extends Target {
  /** Undefined for a server that was started elsewhere. */
  readonly pid?: number | undefined;
  /** Waits for its decision log. Absent for a server without one. */
  readonly takeLines?: (expected: number) => Promise<DecisionLines>;
  /** Bytes that V8 has allocated since the start. */
  readonly allocated?: () => Promise<number>;
  stop(): Promise<void>;
}

/** Where servers run. */
export interface Place {
  readonly directory: string;
  readonly core: number | undefined;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
/** The top of this checkout. */
export const ownCheckout = here('../../..');

const host = '127.0.0.1';
let started = 0;

export type Floor = 'grpc-js' | 'http2' | 'http';

/** A server that is as fast as its library allows. */
export async function startFloor(floor: Floor, { directory, core }: Place): Promise<Server> {
  const probe = join(directory, `probe-${++started}.json`);
  const [command = '', ...args] = onCore(core, [process.execPath, ...probing, here(`${floor}.ts`)]);
  const child = await startProcess({
    name: floor,
    command,
    args,
    env: { ...process.env, BENCH_PROBE: probe },
    ready: ({ stdout }) => /^\d+$/m.test(stdout()),
  });
  return {
    wire: floor === 'http' ? 'http' : 'grpc',
    host,
    port: Number(child.stdout()),
    pid: child.pid,
    allocated: () => allocatedBy(child, probe),
    stop: async () => void (await child.stop()),
  };
}

export interface PeerproofOptions {
  /** Which checkout or package. */
  readonly top: string;
  readonly wire: Target['wire'];
  /** The first that it accepts is used. */
  readonly configurations: readonly object[];
  /** False: as an operator starts it, without anything of the bench in the process. */
  readonly probed?: boolean;
  readonly nodeOptions?: readonly string[];
}

/** `peerproof serve` as an operator starts it, with its log in a file. */
export async function startPeerproof(options: PeerproofOptions, place: Place): Promise<Server> {
  const { configurations, ...rest } = options;
  const failures: unknown[] = [];
  for (const configuration of configurations) {
    try {
      return await startWith(configuration, rest, place);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

async function startWith(
  configuration: object,
  { top, wire, probed = true, nodeOptions = [] }: Omit<PeerproofOptions, 'configurations'>,
  { directory, core }: Place,
): Promise<Server> {
  const file = (ending: string) => join(directory, `peerproof-${started}.${ending}`);
  started++;
  const [configFile, logFile, probe] = [file('yaml'), file('log'), file('probe')];
  writeFileSync(configFile, JSON.stringify(configuration)); // JSON is YAML
  writeFileSync(join(directory, 'secret'), 'secret');
  writeFileSync(logFile, '');
  const options = probed ? probing : [];
  const serve = [...programOf(top, nodeOptions), 'serve', '--config', configFile];
  // The shell opens the log and then becomes the server: no reader takes part in what is measured.
  const child = await startProcess({
    name: top,
    command: '/bin/sh',
    args: ['-c', 'log=$1; shift; exec "$@" >>"$log"', 'sh', logFile, ...onCore(core, serve)],
    env: { ...process.env, BENCH_PROBE: probe, NODE: process.execPath, NODE_OPTIONS: options.join(' ') },
    ready: () => readFileSync(logFile, 'utf8').includes('"event":"serving"'),
    readyWithinMs: 60_000,
    endWithinMs: 15_000,
  });
  const serving = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((line) => line.includes('"event":"serving"'));
  truncateSync(logFile);
  return {
    wire,
    host,
    port: (JSON.parse(serving ?? '{}') as Record<string, number>)[wire] ?? 0,
    pid: child.pid,
    takeLines: (expected) => takeLines(logFile, expected),
    ...(probed && { allocated: () => allocatedBy(child, probe) }),
    stop: async () => {
      const { code } = await child.stop();
      if (code !== 0) throw new Error(`the server ended with ${code}\n${child.stderr()}`);
    },
  };
}

/** The entry point of the image. In older commits it is a script, or there is none, without `nodeOptions`. */
export function programOf(top: string, nodeOptions: readonly string[] = []): readonly string[] {
  const bin = (name: string) => join(top, 'bin', name);
  if (existsSync(bin('entry.js')))
    return [process.execPath, ...entryOptions(), ...nodeOptions, bin('entry.js')];
  if (existsSync(bin('peerproof.sh'))) return ['sh', bin('peerproof.sh')];
  return [process.execPath, bin('peerproof.js')];
}

/** The settings of V8 in the Dockerfile. */
function entryOptions(): readonly string[] {
  const [, ...words] = finalStage(readFileSync(join(ownCheckout, 'Dockerfile'), 'utf8')).entryPoint;
  return words.slice(0, -1);
}

const probing = ['--import', here('probe.ts')];
const asked = new WeakMap<RunningProcess, number>();

async function allocatedBy(child: RunningProcess, file: string): Promise<number> {
  const turn = (asked.get(child) ?? 0) + 1;
  asked.set(child, turn);
  child.signal('SIGUSR2');
  return waitFor('the probe', 5_000, () => {
    const said = readIfThere(file);
    return said?.asked === turn && said.allocated;
  });
}

function readIfThere(file: string): { asked: number; allocated: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
