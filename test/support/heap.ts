import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

v8.setFlagsFromString('--expose-gc');
/** Collects garbage now. */
export const collect: () => void = runInNewContext('gc');

/** Bytes of heap that each of so many calls leaves behind. One call before them makes what is made once. */
export function keptByEach(calls: number, call: (index: number) => void): number {
  call(calls);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < calls; n++) call(n);
  collect();
  return Math.round((process.memoryUsage().heapUsed - before) / calls);
}
