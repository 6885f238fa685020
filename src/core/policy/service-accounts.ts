import { matchesPattern, type Pattern } from '../../lib/pattern.ts';
import { Denial } from '../denial.ts';
import type { ServiceAccount } from '../token/service-account.ts';

/** What a rule requires of a ServiceAccount token. Each list that is not empty must contain a match. */
export interface ServiceAccountRequirement {
  /** `namespace/name`; each part may be `*`. */
  readonly serviceAccounts: readonly Pattern[];
  readonly namespaces: readonly string[];
  /** `namespace/name` of the pod that the token was projected into. */
  readonly pods: readonly Pattern[];
}

export function checkServiceAccount(
  required: ServiceAccountRequirement,
  account: ServiceAccount | undefined,
): Denial | undefined {
  const { serviceAccounts, namespaces, pods } = required;
  if (serviceAccounts.length + namespaces.length + pods.length === 0) return undefined;
  if (!account) return refused('the token is not a ServiceAccount token');
  const { namespace, name, pod } = account;
  const named = (patterns: readonly Pattern[], what: string | undefined) =>
    patterns.length === 0 ||
    (what !== undefined && patterns.some((pattern) => matchesPattern(pattern, [namespace, what])));
  if (!named(serviceAccounts, name)) return refused(`the ServiceAccount is ${namespace}/${name}`);
  if (namespaces.length > 0 && !namespaces.includes(namespace))
    return refused(`the namespace is ${namespace}`);
  if (!named(pods, pod)) return refused(`the pod is ${pod ? `${namespace}/${pod}` : 'not named'}`);
  return undefined;
}

function refused(why: string): Denial {
  return new Denial('service_account_not_allowed', why);
}
