import type { Config } from '../config/schema.ts';
import { Denial } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import { readDestination } from '../core/peer/destination.ts';
import { hostText, parseHost, possibleHosts } from '../core/policy/host.ts';
import type { NearMiss } from '../core/policy/near-miss.ts';
import { normalizePath } from '../core/policy/path.ts';
import { Routes } from '../core/policy/routes.ts';
import { Malformed } from '../lib/malformed.ts';
import { createRules, routeReading } from '../serve/create-policy.ts';

/**
 * The rules up to the one that covers the check, in their order, with every part that did not match. Only for
 * people: which rule covers a check is decided by `authorize` alone.
 * @param until the name of that rule; all rules are listed without it
 * @returns nothing if the request cannot be compared with rules
 */
export function rulesTried(
  config: Config,
  evidence: Evidence,
  until: string | undefined,
): readonly NearMiss[] {
  const missed = new Routes(createRules(config), routeReading(config)).everyMiss(evidence);
  if (missed instanceof Denial) return [];
  const end = until === undefined ? -1 : missed.findIndex(({ rule }) => rule.name === until);
  return missed.slice(0, end < 0 ? undefined : end);
}

type ValueOf = (evidence: Evidence, config: Config) => string | number | undefined;

/** The parts of `match` that can be widened: the setting, and what the check has there. */
const parts: Readonly<Record<string, { readonly setting: string; readonly value: ValueOf }>> = {
  destination: {
    setting: 'destinations',
    value: (evidence, config) => readDestination(evidence, routeReading(config).destinations)?.uri,
  },
  port: { setting: 'ports', value: ({ destination: { port } }) => port || undefined },
  method: { setting: 'methods', value: ({ request }) => request?.method },
  host: {
    setting: 'hosts',
    value({ request }, { hosts }) {
      const host = parseHost(request?.host ?? '');
      return host instanceof Malformed ? undefined : literal(hostText(possibleHosts(host, hosts)[0]));
    },
  },
  path: {
    setting: 'paths',
    value({ request }, { paths }) {
      const path = normalizePath(request?.path ?? '', paths);
      return path instanceof Malformed ? undefined : literal(path.text);
    },
  },
};

/** An entry with which a rule would not miss a check by this part. Undefined if there is none. */
export function missingEntry(part: string, evidence: Evidence, config: Config) {
  const known = Object.hasOwn(parts, part) ? parts[part] : undefined;
  const value = known?.value(evidence, config);
  return known && value !== undefined ? { setting: known.setting, value } : undefined;
}

/** In a rule, `*` stands for other texts. */
function literal(text: string): string | undefined {
  return text.includes('*') ? undefined : text;
}
