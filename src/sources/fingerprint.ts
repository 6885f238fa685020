/** Contents of files, by their path as written in the configuration. */
export type Files = ReadonlyMap<string, string>;

type Place = readonly PropertyKey[];

/**
 * Settings of files that their own source watches. Such a file does not belong to the configuration. `*` is a
 * name that the user chooses: a header or a trust domain may be called `keys`.
 */
const selfWatched: readonly Place[] = [
  ['identity', 'token', 'keyFiles', '*'],
  ['issuers', '*', 'jwks'],
  ['issuers', '*', 'keys'],
  ['issuers', '*', 'kubernetes', 'tokenFile'],
  ['peers', 'trustDomains', '*', 'bundle'],
  ['revocation', 'file'],
  ['revocation', 'transmitters', '*', 'jwks'],
  ['rulesFrom', 'kubernetes', 'tokenFile'],
  ['store', 'redis', 'passwordFile'],
  ['store', 'redis', 'sentinel', 'passwordFile'],
  ['store', 'redis', 'tls', 'caFile'],
  ['store', 'redis', 'tls', 'certFile'],
  ['store', 'redis', 'tls', 'keyFile'],
];

/** Whether the file of the setting at this place is read once, when the configuration is loaded. */
export function isReadOnce(place: Place): boolean {
  return !selfWatched.some(
    (watched) =>
      watched.length === place.length && watched.every((key, at) => key === '*' || key === place[at]),
  );
}

/**
 * The settings of a source, with the contents of the files that it does not watch itself. Two sources with
 * the same fingerprint are equal. So a reload keeps the running one with its keys.
 * @param place where the settings stand in the configuration
 */
export function takeFingerprint(settings: unknown, place: Place, files: Files): string {
  return JSON.stringify(withContents(settings, place, files));
}

function withContents(value: unknown, place: Place, files: Files): unknown {
  if (typeof value === 'string')
    return files.has(value) && isReadOnce(place) ? `${value}\n${files.get(value)}` : value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return entries.map(([key, inner]) => [key, withContents(inner, [...place, key], files)]);
}
