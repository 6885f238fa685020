import type { SpiffePattern } from '../core/peer/spiffe-id.ts';
import { didYouMean } from '../lib/nearest.ts';
import type { Found, Subject } from './finding.ts';

/** SPIFFE IDs of trust domains that are not configured. No peer has such an ID. */
export function findUnknownTrustDomains({ config, rules }: Subject): readonly Found[] {
  const known = Object.keys(config.peers.trustDomains ?? {});
  // Then the SPIFFE ID of a peer is never used, and other checks say so.
  if (known.length === 0) return [];
  const { gateways, waypoints } = config.peers;
  return [
    ...unknown(gateways, ['peers', 'gateways']),
    ...unknown(waypoints, ['peers', 'waypoints']),
    ...Object.entries(config.clients).flatMap(([id, { workloads, issuers }]) =>
      // Without issuers the client is one list, or a mapping with the key: both lead to the same line.
      unknown(workloads, issuers ? ['clients', id, 'workloads'] : ['clients', id]),
    ),
    ...rules.flatMap(({ rule, path }) => unknown(rule.peers, [...path, 'require', 'peers'])),
    ...rules.flatMap(({ rule, path, owner }) =>
      owner === undefined ? unknown(rule.match.destinations, [...path, 'match', 'destinations']) : [],
    ),
    ...Object.entries(config.workloads).flatMap(([name, { destinations }]) =>
      unknown(destinations, ['workloads', name, 'destinations']),
    ),
    ...config.delegate.flatMap(({ destinations = [] }, at) =>
      unknown(destinations, ['delegate', at, 'destinations']),
    ),
  ];

  function unknown(patterns: readonly SpiffePattern[], path: readonly PropertyKey[]): readonly Found[] {
    return patterns.flatMap(({ trustDomain }, at): Found[] =>
      known.includes(trustDomain)
        ? []
        : [
            {
              path: [...path, at],
              message: `the trust domain ${trustDomain} is not in peers.trustDomains${didYouMean(trustDomain, known)}`,
            },
          ],
    );
  }
}
