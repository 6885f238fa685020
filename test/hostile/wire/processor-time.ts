import { readFileSync } from 'node:fs';

/** Milliseconds of a clock tick, which is the same on every Linux that Node knows (USER_HZ). */
const tick = 10;

/**
 * Milliseconds of processor time that the main thread of a process has used. Of a Node process this is its event loop:
 * neither the collector's threads nor what other processes do is counted.
 */
export function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  // The name is in brackets and may hold anything. After it come the state (field 3) and so on (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [user, system] = [Number(fields[14 - 3]), Number(fields[15 - 3])];
  return (user + system) * tick;
}
