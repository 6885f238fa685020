import { Histogram } from 'prom-client';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import { Meter } from './meter.ts';
import type { IssuerState } from './states.ts';

/** What came of judging a check by the shadow configuration as well. */
export type Comparison = 'same' | 'different' | 'skipped';

/** All metrics. Labels come only from the configuration and the table of reasons, so they are bounded. */
export function createMetrics(issuers: () => readonly IssuerState[]) {
  const meter = new Meter();
  const { registry } = meter;
  meter.addDefaults();
  const decisions = meter.counter(
    'peerproof_decisions_total',
    'Decisions, by effect, reason, rule and door.',
    ['effect', 'reason', 'rule', 'door'],
  );
  const observed = meter.counter(
    'peerproof_would_deny_total',
    'Requests that passed because their refusal is only observed, by the reason and rule of that refusal.',
    ['reason', 'rule'],
  );
  const compared = meter.counter(
    'peerproof_shadow_checks_total',
    'Checks for the shadow configuration, by result: `same`, `different`, or `skipped` (an outage, or too many wait).',
    ['result'],
  );
  const duration = new Histogram({
    name: 'peerproof_check_duration_seconds',
    help: 'Time from the decoded check to its decision.',
    labelNames: ['effect'] as const,
    buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  });
  let inFlight = 0;
  meter.gauge('peerproof_checks_in_flight', 'Checks that have not been answered yet.', () => inFlight);
  const dropped = meter.counter(
    'peerproof_log_lines_dropped_total',
    'Log lines that were dropped because the log was not read in time.',
  );
  const limited = meter.counter(
    'peerproof_log_lines_limited_total',
    'Lines about decisions that were left out because of log.maxLinesPerSecond.',
  );

  /** One value for each issuer that has it. */
  const perIssuer = (read: (state: IssuerState) => number | undefined) => () =>
    issuers().flatMap((state) => {
      const value = read(state);
      return value === undefined ? [] : [[state.issuer, value] as const];
    });
  const gauges = (name: string, help: string, read: (state: IssuerState) => number | undefined) =>
    meter.gauges(name, help, 'issuer', perIssuer(read));
  const count = (name: string, help: string, read: (state: IssuerState) => number) =>
    meter.counts(name, help, 'issuer', perIssuer(read));
  meter.gauges(
    'peerproof_jwks_age_seconds',
    'Seconds since the keys of an issuer were fetched.',
    'issuer',
    perIssuer(({ keyAge }) => keyAge),
    'max',
  );
  count('peerproof_jwks_fetches_total', 'Attempts to fetch the keys of an issuer.', ({ fetches }) => fetches);
  count(
    'peerproof_jwks_failures_total',
    'Failed attempts to fetch the keys of an issuer.',
    ({ failures }) => failures,
  );
  count(
    'peerproof_questions_total',
    'Questions to an issuer about a token (TokenReview, introspection).',
    ({ asked }) => asked?.asked ?? 0,
  );
  count(
    'peerproof_question_failures_total',
    'Questions to an issuer that failed.',
    ({ asked }) => asked?.failures ?? 0,
  );
  count(
    'peerproof_checks_shed_total',
    'Checks that were refused because too many checks waited for the issuer.',
    ({ bulkhead }) => bulkhead.refused,
  );
  gauges(
    'peerproof_checks_waiting',
    'Checks that wait for an issuer now. The sum is at most limits.waitingChecks.',
    ({ bulkhead }) => bulkhead.waiting,
  );
  gauges(
    'peerproof_questions_under_way',
    'Questions to an issuer that have not been answered yet.',
    ({ asked }) => asked?.underWay,
  );

  return {
    registry,
    started(): void {
      inFlight++;
    },
    dropped: () => dropped.inc(),
    compared: (result: Comparison) => compared.inc({ result }),
    limited: () => limited.inc(),
    decided(decision: Decision, door: Door, microseconds: number): void {
      inFlight--;
      const { effect, reason, found } = decision;
      const rule = found.rule?.name ?? '';
      decisions.inc({ effect, reason, rule, door });
      if (decision.reason === 'observed') observed.inc({ reason: decision.wouldDeny.reason, rule });
      duration.observe({ effect }, microseconds / 1e6);
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
