import type { Logger } from 'pino';

/** For the service log: what became of an attempt to get the `keys` of an issuer or the `bundle` of a trust domain. */
export function createReporter(log: Logger) {
  const failing = new Set<string>();
  // Said when it changes and at each failure; a good refresh every few minutes is no news.
  return (what: 'keys' | 'bundle', of: string, failure: string | undefined): void => {
    const id = `${what} ${of}`;
    if (failure !== undefined)
      log.warn({ event: `${what}_unavailable`, of, failure }, `${what} of ${of}: not available`);
    else if (failing.has(id))
      log.info({ event: `${what}_available`, of }, `${what} of ${of}: available again`);
    if (failure === undefined) failing.delete(id);
    else failing.add(id);
  };
}
