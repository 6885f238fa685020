/** Files that their own source looks at again and again, so that a change of them is no change of the configuration. */
const selfWatched = new Set(['jwks', 'keys', 'bundle', 'tokenFile']);

/** Whether the file of this setting is read once, when the configuration is loaded. */
export function isReadOnce(path: readonly PropertyKey[]): boolean {
  return !selfWatched.has(String(path.at(-1)));
}

/**
 * What a source was made from: its settings, and what the files they name held, but for those that it watches itself. Two
 * sources of one fingerprint know the same, so a reload keeps the one that is there, with the keys it has fetched.
 */
export function fingerprintOf(settings: unknown, files: ReadonlyMap<string, string>): string {
  return JSON.stringify(settings, (name, value) =>
    typeof value === 'string' && !selfWatched.has(name) && files.has(value)
      ? `${value}\n${files.get(value)}`
      : value,
  );
}
