import { setPriority } from 'node:os';

/** Lets a process yield to others, such as the one that answers checks. @param by 1 to 19 */
export function lowerPriority(pid: number, by: number): void {
  try {
    setPriority(pid, by);
  } catch {
    // It has ended, or this system has no priorities.
  }
}
