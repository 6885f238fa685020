import type { ServiceAccountRequirement } from '../core/policy/service-accounts.ts';
import type { Pattern } from '../lib/pattern.ts';
import { overlap } from './overlap.ts';

/** A made-up ServiceAccount. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly pod?: string;
}

/**
 * ServiceAccounts that meet a requirement, one for each way to meet it. A wildcard becomes the fresh name.
 * @param within the pattern that namespace and name also match
 */
export function accountsOf(
  { serviceAccounts, namespaces, pods }: ServiceAccountRequirement,
  fresh: string,
  within: Pattern = ['*', '*'],
): readonly Account[] {
  const named = (serviceAccounts.length > 0 ? serviceAccounts : [['*', '*']])
    .flatMap((pattern) => overlap(pattern, within))
    .flatMap((pattern) =>
      (namespaces.length > 0 ? namespaces : ['*']).flatMap((namespace) => overlap(pattern, [namespace, '*'])),
    );
  const text = (part: string | undefined) => (part === undefined || part === '*' ? fresh : part);
  if (pods.length === 0)
    return named.map(([namespace, name]) => ({ namespace: text(namespace), name: text(name) }));
  return named.flatMap((pattern) =>
    pods.flatMap(([podNamespace = '*', pod]) =>
      overlap(pattern, [podNamespace, '*']).map(([namespace, name]) => ({
        namespace: text(namespace),
        name: text(name),
        pod: text(pod),
      })),
    ),
  );
}
