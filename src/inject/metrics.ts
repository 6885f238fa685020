import { Meter } from '../operate/meter.ts';
import type { Outcome } from './inject.ts';

/** The state of the token of one entry. */
export interface TokenState {
  readonly entry: string;
  /** Milliseconds since the epoch. Undefined while there is no token. */
  readonly expiresAt: number | undefined;
}

/**
 * The metrics of `inject`. Labels come only from the configuration and the table of reasons, so they are
 * bounded.
 */
export function createInjectMetrics(tokens: () => readonly TokenState[]) {
  const meter = new Meter();
  meter.addDefaults();
  const decisions = meter.counter(
    'peerproof_inject_decisions_total',
    'Requests, by effect, reason and entry.',
    ['effect', 'reason', 'rule'],
  );
  const dropped = meter.counter(
    'peerproof_log_lines_dropped_total',
    'Log lines that were dropped because the log was not read in time.',
  );
  meter.gauges(
    'peerproof_inject_token_expiry_timestamp_seconds',
    'When the token of an entry expires. Absent without a token, and for a token without exp.',
    'rule',
    () =>
      tokens().flatMap(({ entry, expiresAt = Number.POSITIVE_INFINITY }) =>
        Number.isFinite(expiresAt) ? [[entry, expiresAt / 1000] as const] : [],
      ),
  );
  return {
    registry: meter.registry,
    dropped: () => dropped.inc(),
    decided: ({ effect, reason, entry = '' }: Outcome) => decisions.inc({ effect, reason, rule: entry }),
  };
}
