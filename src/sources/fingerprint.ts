/** Contents of files, by their path as written in the configuration. */
export type Files = ReadonlyMap<string, string>;

/** Settings of files that their own source watches. Such a file does not belong to the configuration. */
const selfWatched = new Set(['jwks', 'keys', 'bundle', 'tokenFile']);

/** Whether the file of this setting is read once, when the configuration is loaded. */
export function isReadOnce(path: readonly PropertyKey[]): boolean {
  return !selfWatched.has(String(path.at(-1)));
}

/**
 * The settings of a source, with the contents of the files that it does not watch itself. Two sources with
 * the same fingerprint are equal. So a reload keeps the running one with its keys.
 */
export function takeFingerprint(settings: unknown, files: Files): string {
  return JSON.stringify(settings, (name, value) =>
    typeof value === 'string' && !selfWatched.has(name) && files.has(value)
      ? `${value}\n${files.get(value)}`
      : value,
  );
}
