import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

v8.setFlagsFromString('--expose-gc');
/** Collects garbage now. */
export const collect: () => void = runInNewContext('gc');

/**
 * Bytes of heap that each of so many calls leaves behind. One call before them makes what is made once.
 * Code that V8 compiles meanwhile counts too, up to some 200 KB in all: make enough calls that it does not matter.
 */
export function keptByEach(calls: number, call: (index: number) => void): number {
  call(calls);
  const before = heapInUse();
  for (let n = 0; n < calls; n++) call(n);
  return Math.round((heapInUse() - before) / calls);
}

/** Bytes, after garbage was collected. What is freed in one collection can free more in the next. */
export function heapInUse(): number {
  for (let round = 0; round < 3; round++) collect();
  return process.memoryUsage().heapUsed;
}
