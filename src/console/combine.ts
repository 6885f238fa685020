import { durationBounds } from '../operate/metrics.ts';
import type { Sample } from '../operate/samples.ts';
import type { IssuerState } from '../operate/states.ts';
import type { RuleCount } from '../operate/tally.ts';
import type { LimitState, ProcessView } from '../serve/console-source.ts';

/** The samples of several processes, added by their time. The oldest first. */
export function combineSamples(views: readonly ProcessView[]): readonly Sample[] {
  const sums = new Map<number, Sample>();
  for (const sample of views.flatMap(({ samples }) => samples)) {
    const sum = sums.get(sample.at);
    sums.set(sample.at, sum ? addSamples(sum, sample) : sample);
  }
  return [...sums.values()].toSorted((a, b) => a.at - b.at);
}

export function addSamples(one: Sample, other: Sample): Sample {
  return {
    at: Math.max(one.at, other.at),
    allow: one.allow + other.allow,
    deny: one.deny + other.deny,
    unavailable: one.unavailable + other.unavailable,
    answer: one.answer + other.answer,
    buckets: one.buckets.map((count, index) => count + (other.buckets[index] ?? 0)),
  };
}

/** The counts of several processes, added by rule. */
export function combineRules(views: readonly ProcessView[]): readonly RuleCount[] {
  const sums = new Map<string, RuleCount>();
  for (const count of views.flatMap(({ rules }) => rules)) {
    const sum = sums.get(count.rule);
    sums.set(count.rule, sum ? addCounts(sum, count) : count);
  }
  return [...sums.values()];
}

function addCounts(one: RuleCount, other: RuleCount): RuleCount {
  const reasons: Record<string, number> = { ...one.reasons };
  for (const [reason, count] of Object.entries(other.reasons))
    reasons[reason] = (reasons[reason] ?? 0) + count;
  return {
    rule: one.rule,
    allowed: one.allowed + other.allowed,
    refused: one.refused + other.refused,
    lastHit: Math.max(one.lastHit, other.lastHit),
    lastRefusal: Math.max(one.lastRefusal, other.lastRefusal),
    reasons,
  };
}

/** Each issuer once, in the process where it is worst. */
export function combineIssuers(views: readonly ProcessView[]): readonly IssuerState[] {
  return worstOf(
    views.map(({ issuers }) => issuers),
    ({ issuer }) => issuer,
    ({ failingSince, keyAge = 0 }) => (failingSince === undefined ? keyAge : Number.MAX_VALUE - failingSince),
  );
}

/** Each trust bundle once, in the process where it is worst. */
export function combineBundles(views: readonly ProcessView[]): ProcessView['bundles'] {
  return worstOf(
    views.map(({ bundles }) => bundles),
    ({ trustDomain }) => trustDomain,
    ({ failure, age = 0 }) => (failure === undefined ? age : Number.MAX_VALUE),
  );
}

/** Each limit once, in the process that is nearest to it: a sum would hide one that is full. */
export function combineLimits(views: readonly ProcessView[]): readonly LimitState[] {
  return worstOf(
    views.map(({ limits }) => limits),
    ({ name }) => name,
    ({ used, limit = 1 }) => used / Math.max(limit, Number.MIN_VALUE),
  );
}

function worstOf<T>(
  lists: readonly (readonly T[])[],
  nameOf: (one: T) => string,
  badness: (one: T) => number,
): readonly T[] {
  const worst = new Map<string, T>();
  for (const one of lists.flat()) {
    const other = worst.get(nameOf(one));
    if (other === undefined || badness(one) > badness(other)) worst.set(nameOf(one), one);
  }
  return [...worst.values()];
}

/**
 * The time below which this share of the checks stayed, in seconds: the bound of its bucket. Undefined without
 * checks, and infinite above all bounds.
 */
export function quantile({ buckets }: Pick<Sample, 'buckets'>, share: number): number | undefined {
  const all = buckets.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let below = 0;
  const index = buckets.findIndex((count) => {
    below += count;
    return below >= share * all;
  });
  return durationBounds[index] ?? Number.POSITIVE_INFINITY;
}
