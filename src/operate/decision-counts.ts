import type { Counter, Registry } from 'prom-client';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';

type Effect = Decision['effect'];

/** Decisions of one rule with one reason, by door. */
type Counts = Record<Door, number>;
/** By reason. */
type Reasons = Map<string, Counts>;

const labelNames = ['effect', 'reason', 'rule', 'door'];

/**
 * Adds a counter of decisions, by effect, reason, rule and door, to a registry. It is written at each check,
 * so it finds its number by the values of its labels. prom-client would make a text of all labels each time.
 * @returns counts one decision
 */
export function addDecisionCounts(
  registry: Registry,
  { name, help }: { readonly name: string; readonly help: string },
): (decision: Decision, door: Door) => void {
  const rules = new Map<string, Record<Effect, Reasons>>();
  const type = 'counter';
  const aggregator = 'sum';
  const get = async () => ({ name, help, type, aggregator, values: read() });
  const metric = { name, help, type, aggregator, labelNames, get, reset: () => undefined };
  registry.registerMetric(metric as unknown as Counter);
  return ({ effect, reason, found }, door) => {
    const rule = found.rule?.name ?? '';
    const effects = rules.get(rule) ?? addRule(rule);
    const counts = effects[effect].get(reason) ?? addReason(effects[effect], reason);
    counts[door]++;
  };

  function addRule(rule: string): Record<Effect, Reasons> {
    const effects = { allow: new Map(), deny: new Map(), unavailable: new Map() };
    rules.set(rule, effects);
    return effects;
  }

  function read() {
    return [...rules].flatMap(([rule, effects]) =>
      Object.entries(effects).flatMap(([effect, reasons]) =>
        [...reasons].flatMap(([reason, counts]) =>
          Object.entries(counts).flatMap(([door, value]) =>
            value === 0 ? [] : [{ labels: { effect, reason, rule, door }, value }],
          ),
        ),
      ),
    );
  }
}

function addReason(reasons: Reasons, reason: string): Counts {
  const counts = { grpc: 0, http: 0, 'forward-auth': 0 };
  reasons.set(reason, counts);
  return counts;
}
