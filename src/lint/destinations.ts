import { isLoose } from '../config/cross-check-routes.ts';
import type { Found, Subject } from './finding.ts';

/**
 * Rules that hold at every workload of a mesh, because they name requests and no destination. A configuration
 * is for a mesh if it has trust domains or workloads.
 */
export function findRulesWithoutDestinations({ config, rules }: Subject): readonly Found[] {
  const inMesh =
    Object.keys(config.peers.trustDomains ?? {}).length + Object.keys(config.workloads).length > 0;
  if (!inMesh) return [];
  return rules
    .filter(({ written, owner }) => isLoose({ rule: written, ...(owner !== undefined && { owner }) }))
    .map(({ path, rule }) => ({
      path: [...path, 'name'],
      message: `a sidecar accepts every Host, so the rule ${rule.name} applies at every workload: set match.destinations, or move it to workloads`,
    }));
}
