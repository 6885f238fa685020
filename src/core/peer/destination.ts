import { Malformed } from '../../lib/malformed.ts';
import type { Evidence } from '../evidence.ts';
import { matchesSpiffePattern, parseSpiffeId, type SpiffeId, type SpiffePattern } from './spiffe-id.ts';
import { parseXfcc } from './xfcc.ts';

/** Which proxies may name the workload by `By` in `x-forwarded-client-cert`. */
export interface DestinationReading {
  /** False: `By` never counts. */
  readonly xfcc: boolean;
  /** Proxies that replace the header and have no other way to name the workload. */
  readonly waypoints: readonly SpiffePattern[];
}

export const noForwarded: DestinationReading = { xfcc: false, waypoints: [] };

/**
 * The SPIFFE ID of the workload that the request is sent to: what the proxy says about its own certificate
 * (`destination.principal`), else `By` of the last element of `x-forwarded-client-cert`. `By` counts if the
 * door knows that a proxy wrote the element. Otherwise a waypoint may have written it or, on a plaintext
 * listener in ALWAYS_FORWARD_ONLY mode, the client: then it can only name a configured waypoint. Undefined if
 * neither names one workload: a connection without mTLS, several `By`, or a malformed header.
 */
export function readDestination(
  { destination, request }: Evidence,
  { xfcc, waypoints }: DestinationReading,
): SpiffeId | undefined {
  if (destination.principal) return parseWorkload(destination.principal);
  const header = request?.headers['x-forwarded-client-cert'];
  const forwarded = destination.forwarded === true;
  if (!xfcc || !header || !(forwarded || waypoints.length > 0)) return undefined;
  const writer = parseWorkload(readWriter(header));
  if (forwarded) return writer;
  return writer && waypoints.some((pattern) => matchesSpiffePattern(pattern, writer)) ? writer : undefined;
}

function parseWorkload(name: string): SpiffeId | undefined {
  const id = parseSpiffeId(name);
  return id instanceof Malformed || id.segments.length === 0 ? undefined : id;
}

function readWriter(header: string): string {
  const elements = parseXfcc(header);
  const by = elements instanceof Malformed ? [] : (elements.at(-1)?.by ?? []);
  return by.length === 1 ? (by[0] ?? '') : '';
}
