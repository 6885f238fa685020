import { Denial } from '../core/denial.ts';
import { parseXfcc } from '../core/peer/xfcc.ts';
import { Malformed } from '../lib/malformed.ts';

/** What this service knows of its own name in the mesh. Nothing that a check holds is ever added to it. */
export interface OwnIdentity {
  /** Its SPIFFE IDs, as far as configuration and certificates say them. */
  readonly ids: readonly string[];
  /** `/ns/<namespace>/sa/<ServiceAccount>` of its pod, in whichever trust domain. */
  readonly workload: string | undefined;
}

export const unknownSelf: OwnIdentity = { ids: [], workload: undefined };

/** The source address of Istio's sidecars for what they pass on to their own pod; nothing else connects from it. */
const sidecarAddresses = new Set(['127.0.0.6', '::ffff:127.0.0.6', '::6']);

/**
 * Refuses an `x-forwarded-client-cert` to which a sidecar of our own appended an element, where none is configured: that
 * element is about the proxy that asks, and would make it the sender of every request. Only the last element counts,
 * which a client cannot write behind a proxy that appends; where it can, naming us gets it this refusal and nothing more.
 * A header that cannot be read is left for the reader of peers to refuse.
 */
export function refuseOwnSidecar(
  header: string,
  remoteAddress: string,
  own: OwnIdentity,
): Denial | undefined {
  const fromSidecar = sidecarAddresses.has(remoteAddress);
  // Cheaper than reading it, and almost no header names us.
  if (!fromSidecar && ![own.workload, ...own.ids].some((name) => name && header.includes(name)))
    return undefined;
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) return undefined;
  const by = elements.at(-1)?.by ?? [];
  if (!fromSidecar && !by.some((name) => isOwn(name, own))) return undefined;
  return new Denial(
    'peer_own_sidecar',
    `our own sidecar wrote the last element: http.xfcc must not be direct, but {sidecar: "${by.join(' ')}"}`,
  );
}

function isOwn(name: string, { ids, workload }: OwnIdentity): boolean {
  if (ids.includes(name)) return true;
  const path = name.indexOf('/', 'spiffe://'.length);
  return workload !== undefined && name.startsWith('spiffe://') && path > 0 && name.slice(path) === workload;
}
