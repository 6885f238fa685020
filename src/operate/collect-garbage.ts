/**
 * Gives back the memory that the reading of a large configuration needed. V8 would keep it: it collects when
 * the heap grows, and a service at rest allocates little. Resolves when it is done: nothing else runs for
 * about 50 ms. Does nothing if there is no inspector, or the permissions of the process do not allow it.
 * `--expose-gc`, set at run time, gives back less.
 */
export async function collectGarbage(): Promise<void> {
  const inspector = process.getBuiltinModule('node:inspector');
  if (!inspector) return;
  const session = new inspector.Session();
  try {
    session.connect();
    // Its answer comes after the collection, in a later turn.
    await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
    session.disconnect();
  } catch {
    // Not allowed.
  }
}
