import type { SpiffePattern } from '../peer/spiffe-id.ts';
import type { HostPattern } from './host.ts';
import { anything, endOfDestination, endOfHost } from './route-trie.ts';
import type { HttpMatch, Rule } from './rule.ts';

/** A connection is looked for as a request of which only destination and port are known. */
export function asRequests(match: Rule['match']): HttpMatch {
  if (match.protocol === 'http') return match;
  const { ports, destinations } = match;
  return { protocol: 'http', hosts: [], methods: [], paths: [], context: {}, ports, destinations };
}

/** Each way of a rule through the trie: one for each combination of its destinations, hosts and paths. */
export function* waysOf(match: HttpMatch): Generator<readonly string[]> {
  const destinations =
    match.destinations.length > 0 ? match.destinations.map(destinationSteps) : [[anything]];
  const hosts = match.hosts.length > 0 ? match.hosts.map(hostSteps) : [['**', anything]];
  const paths = match.paths.length > 0 ? match.paths : [['**']];
  for (const destination of destinations)
    for (const host of hosts) for (const path of paths) yield [...destination, ...host, ...path];
}

function destinationSteps({ trustDomain, path }: SpiffePattern): readonly string[] {
  return [trustDomain, ...path, endOfDestination];
}

function hostSteps({ labels, tail }: HostPattern): readonly string[] {
  return [...labels, endOfHost(tail)];
}
