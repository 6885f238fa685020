import { Malformed } from '../../lib/malformed.ts';
import { ownCopy } from '../../lib/own-copy.ts';
import type { Evidence } from '../evidence.ts';
import { type DestinationReading, readDestination } from '../peer/destination.ts';
import { matchesSpiffePattern, type SpiffePattern } from '../peer/spiffe-id.ts';
import { type HostReading, hostText, parseHost, possibleHosts } from '../policy/host.ts';
import type { Mint, MintSettings } from './mint.ts';
import type { TransactionPolicy } from './transaction.ts';

/** How internal tokens are made, and whom they are for. */
export interface InternalTokenPolicy {
  /** The header that carries it, in lower case. A client can never supply it. */
  readonly header: string;
  readonly settings: MintSettings;
  /** Undefined: none is made, because no key is here. */
  readonly mint: Mint | undefined;
  /** Undefined: Transaction Tokens of others are not read. */
  readonly transactions: TransactionPolicy | undefined;
  /** Names of destinations that no proxy states, by their host. */
  readonly audiences: ReadonlyMap<string, string>;
  /** SPIFFE IDs of workloads that proxies stated before: to read one takes as long as to find its identity. */
  readonly stated: Set<string>;
  readonly reading: {
    readonly destinations: DestinationReading;
    readonly hosts: HostReading;
    /** Proxies that pass requests on: what they protect is named by its host. */
    readonly gateways: readonly SpiffePattern[];
  };
}

/** Proxies state them, and not clients: a mesh has so many workloads. */
const mostStated = 1_000;

/**
 * Whom a request is for: the SPIFFE ID of the workload that it is sent to, as the proxy states it. If there is
 * none, or if it is a gateway, the name that the configuration gives to the host counts first. Undefined if there
 * is neither. A name of a host is only as good as the `hosts` of the rule: a client chooses its Host.
 */
export function findDestination(evidence: Evidence, policy: InternalTokenPolicy): string | undefined {
  const { stated, reading } = policy;
  const { principal } = evidence.destination;
  if (stated.has(principal)) return principal;
  const workload = readDestination(evidence, reading.destinations);
  const isLast = workload && !reading.gateways.some((gateway) => matchesSpiffePattern(gateway, workload));
  if (!isLast) return nameOfHost(evidence, policy) ?? workload?.uri;
  // A copy, because a principal is a slice of a whole message.
  if (workload.uri === principal && stated.size < mostStated) stated.add(ownCopy(principal));
  return workload.uri;
}

/** Undefined also if the proxy may have read another host. */
function nameOfHost({ request }: Evidence, { audiences, reading }: InternalTokenPolicy): string | undefined {
  if (audiences.size === 0 || !request) return undefined;
  const host = parseHost(request.host);
  if (host instanceof Malformed) return undefined;
  const [first, ...others] = possibleHosts(host, reading.hosts);
  return others.length === 0 ? audiences.get(hostText(first)) : undefined;
}
