import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../../test/support/wait.ts';
import { floodDirectly } from '../direct.ts';
import type { Scenario, Stage } from '../scenario.ts';
import type { Parts, World } from '../world.ts';

/** The log cannot be written. Checks must continue. */

const dropped = 'peerproof_log_lines_dropped_total';

async function isCounted({ world, note }: Stage): Promise<readonly (string | false)[]> {
  const count = await world.peerproof.metric(dropped);
  note(`${dropped} is ${count}`);
  return [count === 0 && `${dropped} is 0`];
}

const disk = ({ folder }: Parts) => join(folder, 'disk');
const mount = 'mount -t tmpfs -o size=32m chaos "$(dirname "$0")"';
/** A file on the disk of an instance, seen from outside of its namespace. */
const onDisk = (world: World, name: string) => join(`/proc/${world.peerproof.pid}/root`, disk(world), name);

/** A separate disk needs a user namespace, which not every machine allows. Without one `/dev/full` is used. */
function diskFull(): Scenario {
  let own = false;
  return {
    name: 'disk of the log is full',
    alone: true,
    world: {
      instance(parts) {
        mkdirSync(disk(parts));
        const path = join(disk(parts), 'log');
        own = spawnSync('unshare', ['-rm', '/bin/sh', '-c', mount, path]).status === 0;
        return { output: own ? { path, within: ['unshare', '-rm'], before: mount } : { path: '/dev/full' } };
      },
    },
    async fault({ world, note }) {
      if (own) fill(onDisk(world, 'ballast'));
      else note('without a disk of its own, so it was /dev/full from the beginning');
      // What cannot be written is held and tried again. Lines are dropped when no more of them can be held.
      await floodDirectly({ world, note }, flood, longPath);
      return () => {
        if (own) rmSync(onDisk(world, 'ballast'));
      };
    },
    observe: isCounted,
    recovers: 0,
    async after({ world, note }) {
      if (!own) return [];
      const read = () => readFileSync(onDisk(world, 'log'), 'utf8');
      const before = read().length;
      await waitFor('log lines', 5_000, () => read().length > before);
      const lines = read().split('\n').slice(0, -1);
      const torn = lines.filter((line) => !isWhole(line)).length;
      note(`${lines.length} lines are in the log, now that there is room again`);
      return [torn > 0 && `${torn} lines of the log are torn`];
    },
  };
}

/** A pipe whose reader can stop. It stays open, so that writing never fails with EPIPE. */
class Pipe {
  readonly path: string;
  readonly #reader: number;
  readonly #chunk = Buffer.alloc(1_048_576);
  readonly #timer: NodeJS.Timeout;
  reads = true;
  bytes = 0;

  constructor(path: string) {
    if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo');
    this.path = path;
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#timer = setInterval(() => {
      if (this.reads) this.#read();
    }, 20);
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#reader);
  }

  #read(): void {
    try {
      this.bytes += readSync(this.#reader, this.#chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** Lines have a kilobyte or more. 8 MB fit into memory, and 64 KB into a pipe. */
const flood = 14_000;
const longPath = `/${'x'.repeat(600)}`;

/** More than the disk has room for. */
function fill(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(33 * 2 ** 20));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function readerStopped(): Scenario {
  let pipe: Pipe | undefined;
  return {
    name: `nobody reads the log (a pipe), and ${flood} checks more`,
    alone: true,
    world: {
      instance({ folder }) {
        pipe = new Pipe(join(folder, 'pipe'));
        return { output: { path: pipe.path } };
      },
      onStop: () => pipe?.close(),
    },
    async fault({ world, note }) {
      if (pipe) pipe.reads = false;
      await floodDirectly({ world, note }, flood, longPath);
      return () => {
        if (pipe) pipe.reads = true;
      };
    },
    observe: isCounted,
    recovers: 0,
    async after({ world }) {
      const read = pipe?.bytes ?? 0;
      await waitFor('log lines', 5_000, () => (pipe?.bytes ?? 0) > read);
      const count = await world.peerproof.metric(dropped);
      await sleep(1_000);
      return [(await world.peerproof.metric(dropped)) > count && 'lines are given up though somebody reads'];
    },
  };
}

export const logScenarios: readonly Scenario[] = [diskFull(), readerStopped()];

function isWhole(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
