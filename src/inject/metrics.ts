import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Outcome } from './inject.ts';

/** What is known of the token of one entry. */
export interface TokenState {
  readonly entry: string;
  /** Milliseconds since the epoch; undefined while there is none. */
  readonly expiresAt: number | undefined;
}

/** The metrics of `inject`. Labels come from the configuration and the table of reasons only, so they are bounded. */
export function createInjectMetrics(tokens: () => readonly TokenState[]) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const decisions = new Counter({
    name: 'peerproof_inject_decisions_total',
    help: 'Requests by effect, reason and entry.',
    labelNames: ['effect', 'reason', 'rule'] as const,
    registers,
  });
  const dropped = new Counter({
    name: 'peerproof_log_lines_dropped_total',
    help: 'Decision log lines given up because nobody read them.',
    registers,
  });
  new Gauge({
    name: 'peerproof_inject_token_expiry_timestamp_seconds',
    help: 'When the token of an entry expires. Absent while there is none, or no end.',
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
