import type { Logger } from 'pino';

/** Logs attempts to get the `keys` of an issuer or the `bundle` of a trust domain. */
export function createReporter(log: Logger) {
  const failing = new Set<string>();
  // Logs each failure, and the first success after one. A normal refresh is not logged.
  return (what: 'keys' | 'bundle', of: string, failure: string | undefined): void => {
    const id = `${what} ${of}`;
    if (failure !== undefined)
      log.warn({ event: `${what}_unavailable`, of, failure }, `the ${what} of ${of} could not be loaded`);
    else if (failing.has(id))
      log.info({ event: `${what}_available`, of }, `the ${what} of ${of} could be loaded again`);
    if (failure === undefined) failing.delete(id);
    else failing.add(id);
  };
}
