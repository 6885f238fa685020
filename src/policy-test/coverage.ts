import type { RuleConfig } from '../config/schema.ts';
import { bindingReasons } from '../core/policy/observation.ts';
import type { ReasonName } from '../core/reasons.ts';
import { isOfClient } from '../core/token/credential.ts';
import { listRules } from '../serve/create-policy.ts';
import { observedReason } from './compare.ts';
import type { SuiteResult } from './run.ts';

/** What the tests reach of one rule. */
export interface RuleCoverage {
  readonly rule: string;
  readonly allowed: number;
  readonly denied: number;
  /** Its requirements, and whether some test was denied because of it, or would be if it were enforced. */
  readonly requirements: Readonly<Record<string, boolean>>;
}

type Require = Partial<NonNullable<RuleConfig['require']>>;

interface Requirement {
  has(require: Require): boolean;
  /** The denials that it causes. */
  readonly reasons: readonly ReasonName[];
  /** A connection has no token, so most requirements are for requests only. */
  readonly ofConnections?: true;
}

/**
 * The requirements of a rule. The three kinds of ServiceAccount lists share a reason, and so do the two of
 * e-mail addresses.
 */
const requirements: Readonly<Record<string, Requirement>> = {
  'a token': {
    has: ({ token, credential }) => token !== 'optional' && credential !== 'client-certificate',
    reasons: ['token_missing', 'assertion_missing'],
  },
  'a registered client': {
    has: ({ credential }) => isOfClient(credential),
    reasons: ['client_not_registered', 'client_ambiguous'],
  },
  peers: {
    has: ({ peers }) => isFilled(peers),
    reasons: ['peer_missing', 'peer_not_allowed'],
    ofConnections: true,
  },
  issuers: { has: ({ issuers }) => isFilled(issuers), reasons: ['token_issuer_not_allowed'] },
  binding: {
    has: ({ binding, credential }) => !binding?.includes('none') && credential !== 'client-certificate',
    reasons: bindingReasons,
  },
  scopes: { has: ({ scopes }) => isFilled(scopes), reasons: ['scope_missing'] },
  claims: { has: ({ claims = {} }) => isFilled(Object.keys(claims)), reasons: ['claim_mismatch'] },
  'ServiceAccounts, namespaces or pods': {
    has: ({ serviceAccounts, namespaces, pods }) => isFilled(serviceAccounts, namespaces, pods),
    reasons: ['service_account_not_allowed'],
  },
  actors: { has: ({ actors }) => actors !== undefined, reasons: ['actor_missing', 'actor_not_allowed'] },
  'e-mail addresses': {
    has: ({ emails, emailDomains }) => isFilled(emails, emailDomains),
    reasons: ['email_not_allowed', 'email_not_verified'],
  },
  when: { has: ({ when }) => when !== undefined, reasons: ['condition_not_met', 'condition_failed'] },
};

/** Counts, rule by rule, which tests reach it. The suites must test the same configuration. */
export function measureCoverage(suites: readonly SuiteResult[]): readonly RuleCoverage[] {
  const results = suites.flatMap((suite) => suite.results);
  const byRule = Map.groupBy(results, ({ decision }) => decision.found.rule?.name);
  const rules = suites[0] ? listRules(suites[0].suite.config.config) : [];
  return rules.map((rule) => {
    const reached = byRule.get(rule.name) ?? [];
    const seen = new Set(reached.map(({ decision }) => observedReason(decision) ?? decision.reason));
    const allowed = reached.filter(({ decision }) => decision.effect === 'allow').length;
    const own = Object.entries(requirements).filter(([, requirement]) => isIn(rule, requirement));
    return {
      ...{ rule: rule.name, allowed, denied: reached.length - allowed },
      requirements: Object.fromEntries(
        own.map(([name, { reasons }]) => [name, reasons.some((reason) => seen.has(reason))]),
      ),
    };
  });
}

function isIn(rule: RuleConfig, { has, ofConnections }: Requirement): boolean {
  if (rule.public || (rule.match.protocol === 'tcp' && !ofConnections)) return false;
  return has(rule.require ?? {});
}

function isFilled(...lists: readonly (readonly unknown[] | undefined)[]): boolean {
  return lists.some((list) => (list?.length ?? 0) > 0);
}
