/** Bytes. The heap of a start with few rules is smaller. */
const usual = 40_000_000;

/**
 * Gives back memory after a start: pages that hold little of use are emptied. What is left behind when 1,000
 * rules are read takes 50 MB otherwise. Everything waits for it, for 50 to 200 ms, so it is **not** for a service
 * that answers checks. A small heap is left alone, so that a start stays short.
 * @param collect `gc` of V8, which is there if Node was started with `--expose-gc`. One that `node:vm` makes is
 * of no use: with a second context of V8, a check takes up to twice the CPU for ever.
 */
export function compactHeap(collect = globalThis.gc, heap = process.memoryUsage().heapTotal): void {
  if (heap > usual) collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
