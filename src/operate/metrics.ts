import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { IssuerState } from './issuer-state.ts';

/** All metrics, in one registry. Labels come only from the configuration and the table of reasons, so they are bounded. */
export function createMetrics(issuers: () => readonly IssuerState[]) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const decisions = new Counter({
    name: 'peerproof_decisions_total',
    help: 'Decisions, by effect, reason, rule and door.',
    labelNames: ['effect', 'reason', 'rule', 'door'] as const,
    registers,
  });
  const duration = new Histogram({
    name: 'peerproof_check_duration_seconds',
    help: 'Time from the decoded check to its decision.',
    labelNames: ['effect'] as const,
    buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const inFlight = new Gauge({
    name: 'peerproof_checks_in_flight',
    help: 'Checks that have not been answered yet.',
    registers,
  });
  const dropped = new Counter({
    name: 'peerproof_log_lines_dropped_total',
    help: 'Log lines that were dropped because the log was not read in time.',
    registers,
  });
  new Gauge({
    name: 'peerproof_jwks_age_seconds',
    help: 'Seconds since the keys of an issuer were fetched.',
    aggregator: 'max',
    labelNames: ['issuer'] as const,
    registers,
    collect() {
      for (const { issuer, keyAge } of issuers()) if (keyAge !== undefined) this.set({ issuer }, keyAge);
    },
  });
  const fetched = (name: string, help: string, count: (state: IssuerState) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['issuer'] as const,
      registers,
      collect() {
        this.reset();
        for (const state of issuers()) this.inc({ issuer: state.issuer }, count(state));
      },
    });
  fetched(
    'peerproof_jwks_fetches_total',
    'Attempts to fetch the keys of an issuer.',
    ({ fetches }) => fetches,
  );
  fetched(
    'peerproof_jwks_failures_total',
    'Failed attempts to fetch the keys of an issuer.',
    ({ failures }) => failures,
  );

  fetched(
    'peerproof_questions_total',
    'Questions to an issuer about a token (TokenReview, introspection).',
    ({ asked }) => asked?.asked ?? 0,
  );
  fetched(
    'peerproof_question_failures_total',
    'Questions to an issuer that failed.',
    ({ asked }) => asked?.failures ?? 0,
  );
  fetched(
    'peerproof_checks_shed_total',
    'Checks that were refused because too many checks waited for the issuer.',
    ({ bulkhead }) => bulkhead.refused,
  );
  new Gauge({
    name: 'peerproof_checks_waiting',
    help: 'Checks that wait for an issuer now. The sum is at most limits.waitingChecks.',
    labelNames: ['issuer'] as const,
    registers,
    collect() {
      for (const { issuer, bulkhead } of issuers()) this.set({ issuer }, bulkhead.waiting);
    },
  });
  new Gauge({
    name: 'peerproof_questions_under_way',
    help: 'Questions to an issuer that have not been answered yet.',
    labelNames: ['issuer'] as const,
    registers,
    collect() {
      for (const { issuer, asked } of issuers()) if (asked) this.set({ issuer }, asked.underWay);
    },
  });

  return {
    registry,
    started: () => inFlight.inc(),
    dropped: () => dropped.inc(),
    decided(decision: Decision, door: Door, microseconds: number): void {
      inFlight.dec();
      const { effect, reason, found } = decision;
      decisions.inc({ effect, reason, rule: found.rule?.name ?? '', door });
      duration.observe({ effect }, microseconds / 1e6);
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
