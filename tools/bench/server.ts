import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../../test/support/processes.ts';
import { onCore } from './cores.ts';

/** A server under load, in a process of its own. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Absent for a server that decides nothing. */
  readonly log?: DecisionLines;
  stop(): Promise<void>;
}

/** What Peerproof's own decision log says of the checks that were sent: the proof of what a row measured. */
export interface DecisionLines {
  /** Waits until the log stands still, counts its lines since the last call, and empties it. */
  take(expected: number): Promise<{ readonly lines: number; readonly remembered: number }>;
}

export interface Place {
  readonly directory: string;
  readonly core: number | undefined;
}

const floorFile = fileURLToPath(new URL('floor.ts', import.meta.url));
const peerproofFile = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

/** The server that decides nothing and gives the same answer to all. */
export async function startFloor(answer: object, { core }: Place): Promise<Server> {
  const [command = '', ...args] = onCore(core, [process.execPath, floorFile, JSON.stringify(answer)]);
  const child = await startProcess({
    name: 'floor',
    command,
    args,
    ready: ({ stdout }) => /^\d+$/m.test(stdout()),
  });
  return { pid: child.pid, port: Number(child.stdout()), stop: async () => void (await child.stop()) };
}

/**
 * `peerproof serve` as an operator starts it, its log going to a file. `nodeOptions` stand before the script.
 * The shell opens the file for appending and then becomes the server: no reader takes part in what is measured.
 */
export async function startPeerproof(
  name: string,
  config: object,
  { directory, core }: Place,
  nodeOptions: readonly string[] = [],
): Promise<Server> {
  const [configFile, logFile] = [join(directory, `${name}.yaml`), join(directory, `${name}.log`)];
  writeFileSync(configFile, JSON.stringify(config)); // JSON is YAML
  writeFileSync(logFile, '');
  const serve = [process.execPath, ...nodeOptions, peerproofFile, 'serve', '--config', configFile];
  const child = await startProcess({
    name,
    command: '/bin/sh',
    args: ['-c', 'log=$1; shift; exec "$@" >>"$log"', 'sh', logFile, ...onCore(core, serve)],
    ready: () => readFileSync(logFile, 'utf8').includes('"event":"serving"'),
    readyWithinMs: 20_000,
    endWithinMs: 15_000,
  });
  const serving = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((line) => line.includes('"event":"serving"'));
  truncateSync(logFile);
  return {
    pid: child.pid,
    port: (JSON.parse(serving ?? '{}') as { grpc: number }).grpc,
    log: decisionLines(logFile),
    stop: async () => {
      const { code } = await child.stop();
      if (code !== 0) throw new Error(`${name} ended with ${code}\n${child.stderr()}`);
    },
  };
}

const standsStill = 3_000;

function decisionLines(file: string): DecisionLines {
  return {
    async take(expected) {
      const count = () => occurrences(readFileSync(file), '"decision_id":');
      // Written in the background: whole when every line is there, or when no more come.
      let size = -1;
      for (let waited = 0; waited < standsStill && count() < expected; waited += 50) {
        await sleep(50);
        const { size: now } = statSync(file);
        if (now !== size) waited = 0;
        size = now;
      }
      const text = readFileSync(file);
      truncateSync(file);
      return {
        lines: occurrences(text, '"decision_id":'),
        remembered: occurrences(text, '"cache_hit":true'),
      };
    },
  };
}

function occurrences(text: Buffer, what: string): number {
  let found = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length)) found++;
  return found;
}
