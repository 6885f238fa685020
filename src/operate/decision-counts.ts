import type { Counter, Registry } from 'prom-client';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import { put } from '../lib/put.ts';

type Effect = Decision['effect'];

/** Decisions of one rule with one reason, by door. */
type Counts = Record<Door, number>;
/**
 * By effect, reason and rule, in this order. With thousands of rules, what is found first stays in the cache
 * of the processor, and only the number of the rule does not.
 */
type Decisions = Record<Effect, Map<string, Map<string, Counts>>>;

/**
 * Numbers that are kept, about 15 MB. Each reload can bring other names of rules, and a team can write its
 * own. Beyond the most, all begin at zero again, as they do after a restart.
 */
const mostNumbers = 100_000;

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
  const decisions: Decisions = {
    allow: new Map(),
    deny: new Map(),
    unavailable: new Map(),
    answer: new Map(),
  };
  let numbers = 0;
  const type = 'counter';
  const aggregator = 'sum';
  const get = async () => ({ name, help, type, aggregator, values: read() });
  const metric = { name, help, type, aggregator, labelNames, get, reset: () => undefined };
  registry.registerMetric(metric as unknown as Counter);
  return ({ effect, reason, found }, door) => {
    const rule = found.rule?.name ?? '';
    const rules = decisions[effect].get(reason) ?? put(decisions[effect], reason, new Map());
    const counts = rules.get(rule) ?? begin(rules, rule);
    counts[door]++;
  };

  function begin(rules: Map<string, Counts>, rule: string): Counts {
    numbers++;
    if (numbers > mostNumbers) {
      for (const reasons of Object.values(decisions)) for (const one of reasons.values()) one.clear();
      numbers = 1;
    }
    return put(rules, rule, { grpc: 0, http: 0, 'forward-auth': 0 });
  }

  function read() {
    return Object.entries(decisions).flatMap(([effect, reasons]) =>
      [...reasons].flatMap(([reason, rules]) =>
        [...rules].flatMap(([rule, counts]) =>
          Object.entries(counts).flatMap(([door, value]) =>
            value === 0 ? [] : [{ labels: { effect, reason, rule, door }, value }],
          ),
        ),
      ),
    );
  }
}
