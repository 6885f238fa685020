import { reasons } from '../core/reasons.ts';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { holderOf, type LogObservation } from './observation.ts';
import { type LineReading, readObservation } from './read-observation.ts';

/** Collects what the lines of a log say. */
export interface Collector {
  add(line: DecisionLine): void;
  /** Called once, after the last line. */
  end(): Seen;
}

/** What a log says, without the order of its lines. */
export interface Seen {
  /** Sorted. */
  readonly observations: readonly LogObservation[];
  /** How many lines cannot become a rule, by the reason why. */
  readonly notProposed: Tallies;
  /** How many lines are about further observations, when there are too many. */
  readonly leftOut: number;
}

/** Counts, by what is counted. */
export type Tallies = ReadonlyMap<string, number>;

/** Refusals that a rule can mend. All others are about the token, the proof or an outage. */
const mendable: ReadonlySet<string> = new Set([
  'no_rule',
  'peer_not_allowed',
  'token_issuer_not_allowed',
  'scope_missing',
  'service_account_not_allowed',
]);

/** Refusals after a comparison with values that the log does not show. */
const unseen: ReadonlySet<string> = new Set([
  'claim_mismatch',
  'condition_not_met',
  'condition_failed',
  'email_not_allowed',
]);

/**
 * Collects each request and its caller once, with the number of its lines. The order of the lines does not
 * matter, unless there are too many.
 * @param allowed whether lines of allowed requests count too
 * @param most how many different observations are kept
 */
export function createCollector(reading: LineReading, allowed: boolean, most: number): Collector {
  const kept = new Map<string, LogObservation>();
  const bound = new Set<string>();
  const notProposed = new Map<string, number>();
  let leftOut = 0;
  const pass = (why: string, count = 1) => void notProposed.set(why, (notProposed.get(why) ?? 0) + count);
  return {
    add(line) {
      const read = readObservation(line, reading);
      // A bound token proves what its holder can do, so its holder gets no rule without a proof.
      if (typeof read !== 'string' && isBound(line) && bound.size < most) bound.add(holderOf(read.caller));
      const why = unfit(line, allowed) ?? (typeof read === 'string' ? read : undefined);
      if (why !== undefined) return why === '' ? undefined : pass(why);
      if (typeof read === 'string') return;
      const { rule = '' } = line;
      const key = JSON.stringify([read, rule]);
      const known = kept.get(key);
      if (!known && kept.size >= most) leftOut++;
      else kept.set(key, extended(known ?? { ...read, rule, count: 0, ...never }, line));
    },
    end() {
      const sorted = [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
      const observations = sorted.filter(({ caller, count }) => {
        if (caller.binding !== 'none' || (bound.size < most && !bound.has(holderOf(caller)))) return true;
        pass(strayToken, count);
        return false;
      });
      return { observations, notProposed, leftOut };
    },
  };
}

const strayToken = 'the token was not proven to be of its sender, and another line has that proof';
const never = { first: undefined, last: undefined, example: undefined };

function isBound({ bound_by: by, reason, would_deny: wouldDeny = reason }: DecisionLine): boolean {
  return (
    (by !== undefined && by !== 'none') ||
    /^(binding_.*_mismatch|confirmation_.*|proof_.*|token_scheme_downgraded)$/.test(wouldDeny)
  );
}

/** Why a line becomes no rule; '' if nothing need be said about it. */
function unfit(
  { effect, reason, would_deny: wouldDeny }: DecisionLine,
  allowed: boolean,
): string | undefined {
  if (effect === 'allow' && wouldDeny === undefined) {
    if (!allowed) return '';
    return reason === 'allowed' ? undefined : 'the request needed no token';
  }
  // No rule decided about it, and none has to.
  if (effect === 'answer') return '';
  const cause = wouldDeny ?? reason;
  if (mendable.has(cause)) return undefined;
  if (!Object.hasOwn(reasons, cause)) return 'a reason that this version does not know';
  return unseen.has(cause) ? `${cause}: the log does not show what the rule compares` : cause;
}

function extended(known: LogObservation, { time, decision_id: id }: DecisionLine): LogObservation {
  const { first, last, example, count } = known;
  const isEarlier = time !== undefined && (first === undefined || time < first);
  // Of lines with one time, any order must lead to the same example.
  const isSmaller = time === first && (example === undefined || (id !== undefined && id < example));
  return {
    ...known,
    count: count + 1,
    first: isEarlier ? time : first,
    last: time !== undefined && (last === undefined || time > last) ? time : last,
    example: isEarlier || isSmaller ? id : example,
  };
}
