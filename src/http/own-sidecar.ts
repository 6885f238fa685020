import { Denial } from '../core/denial.ts';
import { parseXfcc } from '../core/peer/xfcc.ts';
import { Malformed } from '../lib/malformed.ts';

/** The names of this service in the mesh. Values from a check are never added. */
export interface OwnIdentity {
  /** Its SPIFFE IDs, as far as the configuration and certificates hold them. */
  readonly ids: readonly string[];
  /** `/ns/<namespace>/sa/<ServiceAccount>` of its pod, in any trust domain. */
  readonly workload: string | undefined;
}

export const unknownSelf: OwnIdentity = { ids: [], workload: undefined };

/** The source address of Istio's sidecars for connections to their own pod. Other clients never have it. */
const sidecarAddresses = new Set(['127.0.0.6', '::ffff:127.0.0.6', '::6']);

/**
 * Refuses an `x-forwarded-client-cert` if our own sidecar appended an element, but no sidecar is configured.
 * That element describes the asking proxy, so the proxy would become the sender of every request. Only the
 * last element counts. A client cannot write it behind a proxy that appends. If it can, naming us only leads
 * to this refusal. A malformed header is **not** refused here: the reader of peers refuses it.
 */
export function refuseOwnSidecar(
  header: string,
  remoteAddress: string,
  own: OwnIdentity,
): Denial | undefined {
  const fromSidecar = sidecarAddresses.has(remoteAddress);
  // This is cheaper than parsing, and almost no header names us.
  if (!fromSidecar && ![own.workload, ...own.ids].some((name) => name && header.includes(name)))
    return undefined;
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) return undefined;
  const by = elements.at(-1)?.by ?? [];
  if (!fromSidecar && !by.some((name) => isOwn(name, own))) return undefined;
  return new Denial(
    'peer_own_sidecar',
    `our own sidecar wrote the last element: http.xfcc must be {sidecar: "${by.join(' ')}"}, not direct`,
  );
}

function isOwn(name: string, { ids, workload }: OwnIdentity): boolean {
  if (ids.includes(name)) return true;
  const path = name.indexOf('/', 'spiffe://'.length);
  return workload !== undefined && name.startsWith('spiffe://') && path > 0 && name.slice(path) === workload;
}
