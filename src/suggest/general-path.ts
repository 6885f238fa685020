/** UUIDs, numbers, and hexadecimal numbers as long as a hash. */
const identifier = /^(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,})$/i;

/** The path with `*` for each segment that looks like an identifier. */
export function generalPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (identifier.test(segment) ? '*' : segment))
    .join('/');
}
