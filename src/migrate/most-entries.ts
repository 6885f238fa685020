/** More than any configuration of oauth2-proxy has. A message about each of millions would take hours. */
export const mostEntries = 1_000;

/** The entries. None if there are too many, which is an error. */
export function limitEntries<T>(
  entries: readonly T[],
  what: string,
  fail: (what: string) => void,
): readonly T[] {
  if (entries.length <= mostEntries) return entries;
  fail(`${what}: has more than ${mostEntries} entries`);
  return [];
}
