import type { Logger } from 'pino';

/** What can fail, and how the log says that it does and that it is over. */
const lines = {
  rules: {
    failing: {
      event: 'team_rules_unavailable',
      text: 'the rules of teams cannot be read from the API server: the last known ones stay in use',
    },
    mended: {
      event: 'team_rules_available',
      text: 'the rules of teams can be read from the API server again',
    },
  },
  status: {
    failing: {
      event: 'team_status_unavailable',
      text: 'the status of the rules of teams cannot be written',
    },
    mended: {
      event: 'team_status_available',
      text: 'the status of the rules of teams can be written again',
    },
  },
  cache: {
    failing: {
      event: 'team_cache_unusable',
      text: 'the cache file of the rules of teams cannot be used',
    },
    mended: { event: 'team_cache_written', text: 'the cache file of the rules of teams was written' },
  },
} as const;

/** Logs each failure once, and that it is over. */
export function createRulesReport(log: Logger) {
  const said = new Map<string, string>();
  return (what: keyof typeof lines, failure: string | undefined): void => {
    const { failing, mended } = lines[what];
    if (failure === undefined) {
      if (said.delete(what)) log.info({ event: mended.event }, mended.text);
    } else if (said.get(what) !== failure) {
      said.set(what, failure);
      log.warn({ event: failing.event, failure }, failing.text);
    }
  };
}
