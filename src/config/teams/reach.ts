import { parseSpiffePattern, type SpiffePattern } from '../../core/peer/spiffe-id.ts';
import type { HostPattern } from '../../core/policy/host.ts';
import { Malformed } from '../../lib/malformed.ts';
import type { Delegation } from '../delegate-schema.ts';

/** What the rules of one team can reach. */
export interface Reach {
  readonly owner: string;
  /** Empty: rules cannot name a destination. */
  readonly destinations: readonly SpiffePattern[];
  /** Empty: each host, in a rule that names a destination. */
  readonly hosts: readonly HostPattern[];
  /** Whether a rule must name a destination. Otherwise hosts are enough. */
  readonly needsDestinations: boolean;
  /** Names of `context_extensions`. */
  readonly context: readonly string[];
  /** Empty: all. */
  readonly issuers: readonly string[];
  readonly mayBePublic: boolean;
  readonly mayObserve: boolean;
  readonly maxRules: number;
}

/**
 * What a delegation lets its rules reach.
 * @param namespaces those whose ServiceAccounts count, unless the delegation lists destinations
 */
export function reachOf(
  { destinations, mayOmitDestinations, namespaces: _, ...others }: Delegation,
  trustDomains: readonly string[],
  namespaces: readonly string[],
): Reach {
  const reached = destinations ?? trustDomains.flatMap((name) => serviceAccounts(name, namespaces));
  return {
    ...others,
    destinations: reached,
    needsDestinations: reached.length > 0 && !mayOmitDestinations,
  };
}

function serviceAccounts(trustDomain: string, namespaces: readonly string[]): readonly SpiffePattern[] {
  return namespaces.flatMap((namespace) => {
    const pattern = parseSpiffePattern(`spiffe://${trustDomain}/ns/${namespace}/sa/*`);
    return pattern instanceof Malformed ? [] : [pattern];
  });
}
