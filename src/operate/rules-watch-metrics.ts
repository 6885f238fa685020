import type { Registry } from 'prom-client';
import type { Readiness } from './admin-server.ts';
import { Meter } from './meter.ts';
import type { RulesWatchState } from './states.ts';

/** Adds the metrics of the watch of teams' rules. Without `rulesFrom` they have no values. */
export function addRulesWatchMetrics(registry: Registry, state: () => RulesWatchState | undefined): void {
  const meter = new Meter(registry);
  const one = (read: (now: RulesWatchState) => number | undefined) => () => {
    const now = state();
    const value = now && read(now);
    return value === undefined ? [] : [['kubernetes', value] as const];
  };
  meter.gauges(
    'peerproof_rules_from_age_seconds',
    'Seconds since the source of the rules of teams was last heard, or since the cache file in use was written.',
    'source',
    one(({ age }) => age),
    'max',
  );
  meter.gauges(
    'peerproof_rules_from_up',
    '1 while the rules of teams can be read, else 0.',
    'source',
    one(({ failure }) => (failure === undefined ? 1 : 0)),
    'min',
  );
  meter.gauges(
    'peerproof_rules_from_objects',
    'Objects of teams that are known.',
    'source',
    one(({ objects }) => objects),
    'max',
  );
  meter.counts(
    'peerproof_rules_from_failures_total',
    'Attempts to read the rules of teams that failed.',
    'source',
    one(({ failures }) => failures),
  );
  meter.counts(
    'peerproof_rule_status_writes_total',
    'Writes of the status of AuthorizationRules, by result.',
    'result',
    () => {
      const now = state();
      return now ? [['written', now.writes] as const, ['failed', now.writeFailures] as const] : [];
    },
  );
}

/**
 * Adds the watch of teams' rules to what `/readyz` shows. A start waits until the rules were read once. An
 * outage after that changes nothing: the last known rules stay in use.
 */
export function withRulesWatch(readiness: Readiness, state: RulesWatchState | undefined): Readiness {
  if (!state) return readiness;
  const { objects, isAwaited, isCached, age, failure, writeFailure } = state;
  const said = failure ?? writeFailure;
  const name = 'rules of teams at the API server';
  return {
    ...readiness,
    ready: readiness.ready && !isAwaited,
    ...(isAwaited && { never_answered: [...(readiness.never_answered ?? []), name] }),
    rules_from: {
      kubernetes: {
        objects,
        ...(age !== undefined && { age_s: Math.round(age) }),
        ...(isCached && { cached: true as const }),
        ...(said !== undefined && {
          reason: failure === undefined ? 'team_status_unavailable' : 'team_rules_unavailable',
          failure: said,
        }),
      },
    },
  };
}
