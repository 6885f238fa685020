import type { Edit, Mutation } from './mutation.ts';

/** Where a weakening changes the code. */
export function editsOf({ and, ...edit }: Mutation): readonly Edit[] {
  return and ? [edit, and] : [edit];
}

/** The weaker source. Undefined if the text that must go is not there, or there more than once. */
export function weaken(source: string, { from, to }: Edit): string | undefined {
  return source.split(from).length === 2 ? source.replace(from, () => to) : undefined;
}
