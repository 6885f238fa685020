import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
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
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const decisions = new Counter({
    name: 'peerproof_inject_decisions_total',
    help: 'Requests, by effect, reason and entry.',
    labelNames: ['effect', 'reason', 'rule'] as const,
    registers,
  });
  const dropped = new Counter({
    name: 'peerproof_log_lines_dropped_total',
    help: 'Log lines that were dropped because the log was not read in time.',
    registers,
  });
  new Gauge({
    name: 'peerproof_inject_token_expiry_timestamp_seconds',
    help: 'When the token of an entry expires. Absent without a token, and for a token without exp.',
    labelNames: ['rule'] as const,
    registers,
    collect() {
      this.reset();
      for (const { entry, expiresAt } of tokens())
        if (expiresAt !== undefined && Number.isFinite(expiresAt))
          this.set({ rule: entry }, expiresAt / 1000);
    },
  });
  return {
    registry,
    dropped: () => dropped.inc(),
    decided: ({ effect, reason, entry = '' }: Outcome) => decisions.inc({ effect, reason, rule: entry }),
  };
}
