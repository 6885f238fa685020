import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import { addDecisionCounts } from './decision-counts.ts';
import { addDurations } from './durations.ts';
import { addIssuerMetrics } from './issuer-metrics.ts';
import { Meter } from './meter.ts';
import type { IssuerState } from './states.ts';

/** What came of judging a check by the shadow configuration as well. */
export type Comparison = 'same' | 'different' | 'skipped';

/** Seconds. A check is counted in the first bucket whose bound is not below its time. */
export const durationBounds = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
];

/** The metrics of checks, of the log and of issuers, and the registry for all others. Labels come only from the configuration and the table of reasons, so they are bounded. */
export function createMetrics(issuers: () => readonly IssuerState[]) {
  const meter = new Meter();
  const { registry } = meter;
  meter.addDefaults();
  const counted = addDecisionCounts(registry, {
    name: 'peerproof_decisions_total',
    help: 'Decisions, by effect, reason, rule and door.',
  });
  const countObserved = createObservedCount(meter);
  const compared = meter.counter(
    'peerproof_shadow_checks_total',
    'Checks for the shadow configuration, by result: `same`, `different`, or `skipped` (an outage, or too many wait).',
    ['result'],
  );
  const durations = addDurations(registry, {
    name: 'peerproof_check_duration_seconds',
    help: 'Time from the decoded check to its decision, by effect and door.',
    bounds: durationBounds,
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

  const requestsOf = addIssuerMetrics(registry, issuers);

  return {
    registry,
    requestsOf,
    totals: durations.totals,
    inFlight: () => inFlight,
    started(): void {
      inFlight++;
    },
    dropped: () => dropped.inc(),
    compared: (result: Comparison) => compared.inc({ result }),
    limited: () => limited.inc(),
    decided(decision: Decision, door: Door, microseconds: number): void {
      inFlight--;
      counted(decision, door);
      if (decision.reason === 'observed')
        countObserved(decision.wouldDeny.reason, decision.found.rule?.name ?? '');
      durations.count(decision.effect, door, microseconds / 1e6);
    },
  };
}

/** Rules with numbers of observed refusals. Beyond the most, all begin at zero again, as after a restart. */
const mostObserved = 20_000;

function createObservedCount(meter: Meter) {
  const observed = meter.counter(
    'peerproof_would_deny_total',
    'Requests that passed because their refusal is only observed, by the reason and rule of that refusal.',
    ['reason', 'rule'],
  );
  const rules = new Set<string>();
  return (reason: string, rule: string): void => {
    if (rules.size === mostObserved && !rules.has(rule)) {
      observed.reset();
      rules.clear();
    }
    rules.add(rule);
    observed.inc({ reason, rule });
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
