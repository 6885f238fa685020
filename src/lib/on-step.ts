/** Is told how far long work is: what is done, how much of it, and of how much if that is known. */
export type OnStep = (what: string, done: number, total?: number) => void;

/** For work that nobody watches. */
export const untold: OnStep = () => undefined;

/** The same entries. Says before each of them how many are done. */
export function* stepping<Entry>(
  entries: readonly Entry[],
  what: string,
  onStep: OnStep,
): Generator<Entry, void> {
  for (const [index, entry] of entries.entries()) {
    onStep(what, index, entries.length);
    yield entry;
  }
}
