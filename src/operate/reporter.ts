import type { Logger } from 'pino';

/** What is loaded again and again, in words. */
const words = {
  keys: 'keys',
  bundle: 'bundle',
  signing_key: 'key that signs internal tokens',
} as const;

/** Logs attempts to get the `keys` of an issuer, the `bundle` of a trust domain, or our own signing key. */
export function createReporter(log: Logger) {
  const failing = new Set<string>();
  // Logs each failure, and the first success after one. A normal refresh is not logged.
  return (what: keyof typeof words, of: string, failure: string | undefined): void => {
    const id = `${what} ${of}`;
    if (failure !== undefined)
      log.warn(
        { event: `${what}_unavailable`, of, failure },
        `the ${words[what]} of ${of} could not be loaded`,
      );
    else if (failing.has(id))
      log.info({ event: `${what}_available`, of }, `the ${words[what]} of ${of} could be loaded again`);
    if (failure === undefined) failing.delete(id);
    else failing.add(id);
  };
}
