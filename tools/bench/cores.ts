import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Which core the server runs on and which the generator; undefined where they cannot be kept apart. */
export interface Cores {
  readonly server: number;
  readonly generator: number;
}

/** The first two cores this process may use, where `taskset` is there to hand them out. */
export function findCores(): Cores | undefined {
  if (!existsSync('/proc/self/status') || spawnSync('taskset', ['--version']).status !== 0) return undefined;
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const cores = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  const [server, generator] = cores;
  return server === undefined || generator === undefined ? undefined : { server, generator };
}

/** Moves this process, all its threads, to one core. */
export function moveTo(core: number): void {
  const { status, stderr } = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)]);
  if (status !== 0) throw new Error(`taskset: ${stderr}`);
}

/**
 * The process becomes a new Node without the helper threads of V8. The generator has one core, and each answer that waits for
 * their work looks late. V8 reads this setting only at its start.
 */
export function becomeSingleThreaded(): void {
  const setting = '--single-threaded';
  if (process.execArgv.includes(setting)) return;
  const [node = '', ...rest] = process.argv;
  process.execve?.(node, [node, setting, ...process.execArgv, ...rest], process.env);
}

/** A command line that runs the same command on one core only. It replaces itself, so the pid is the command's. */
export function onCore(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}

const ticksPerSecond = 100; // USER_HZ, the same on every Linux that Node runs on

/** Processor seconds that a process has used so far, all threads; undefined where the system does not tell. */
export function processorSeconds(pid: number): number | undefined {
  return bySchedulerOf(pid) ?? byTicks(pid);
}

/** To the nanosecond. Threads that have ended are not counted; the servers here keep theirs. */
function bySchedulerOf(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const times = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
    );
    return times.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9;
  } catch {
    return undefined;
  }
}

/** To a hundredth of a second. */
function byTicks(pid: number): number | undefined {
  try {
    // The name in parentheses may hold anything; utime and stime are fields 14 and 15, 12th and 13th behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
