import type { PresentedRequest } from '../../evidence.ts';
import { Malformed } from '../../malformed.ts';
import type { VerifiedPeer } from '../../peer/verify-peer.ts';
import type { ServiceAccount } from '../../token/service-account.ts';
import type { VerifiedToken } from '../../token/verified-token.ts';
import { hostLabels } from '../host.ts';
import { PeerFacts, RequestFacts, ServiceAccountFacts, TokenFacts } from './types.ts';

/** What a condition is asked about: only what has been proven, and the request as it was presented. */
export interface ConditionFacts {
  readonly request: Pick<PresentedRequest, 'method' | 'host' | 'headers'>;
  /** Normalised, as rules are matched against it. */
  readonly path: string;
  readonly token: Pick<VerifiedToken, 'subject' | 'issuer' | 'clientId' | 'scopes' | 'audiences' | 'claims'>;
  readonly peer: VerifiedPeer | undefined;
  readonly serviceAccount: ServiceAccount | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What an expression reads: the names of claims and headers, or all of them where it computes the name. */
export interface Reads {
  readonly objects: ReadonlySet<string>;
  readonly claims: ReadonlySet<string> | 'all';
  readonly headers: ReadonlySet<string> | 'all';
}

/** How large the facts of one check are, as far as they are read: what the cost of loops is computed from. */
export interface Extent {
  /** The most elements of one list or map. */
  width: number;
  /** The most values in one element of a claim. */
  element: number;
  /** All values together. */
  whole: number;
  /** The longest text. */
  text: number;
}

/** Facts in the form that cel-js reads, and how large they are. */
export interface Presented {
  readonly context: Readonly<Record<string, unknown>>;
  readonly extent: Readonly<Extent>;
}

/** Lists and maps within each other in one claim. Bounds recursion, and the number of types that cel-js remembers. */
const maxDepth = 5;

/**
 * Hands over what the expression reads and nothing else. Maps become `Map`s, so that no name of a claim or header ever
 * meets a prototype. A claim or header without a value (`null`, an empty text) is left out, as if it were not there.
 * Malformed where a claim that is read is nested too deeply.
 */
export function presentFacts(reads: Reads, facts: ConditionFacts): Presented | Malformed {
  const { request, path, token, peer, serviceAccount, now } = facts;
  const extent: Extent = { width: 1, element: 1, whole: 1, text: 0 };
  const context: Record<string, unknown> = {};
  if (reads.objects.has('claims')) {
    const claims = presentClaims(reads.claims, token.claims, extent);
    if (claims instanceof Malformed) return claims;
    context.claims = claims;
  }
  if (reads.objects.has('request')) {
    const labels = hostLabels(request.host);
    const host = labels instanceof Malformed ? undefined : labels.join('.');
    const headers = presentHeaders(reads.headers, request.headers, extent);
    context.request = new RequestFacts(request.method, host, path, headers, now);
    extent.text = Math.max(extent.text, request.host.length, path.length);
  }
  if (reads.objects.has('token')) {
    const object = new TokenFacts(token);
    context.token = object;
    for (const list of [object.scopes, object.audiences]) {
      extent.width = Math.max(extent.width, list.length);
      extent.whole += list.length;
      for (const entry of list) extent.text = Math.max(extent.text, entry.length);
    }
    extent.text = Math.max(extent.text, object.subject?.length ?? 0, object.client_id?.length ?? 0);
  }
  if (reads.objects.has('peer')) {
    const object = new PeerFacts(peer);
    context.peer = object;
    extent.text = Math.max(extent.text, object.spiffe_id?.length ?? 0, object.via?.length ?? 0);
  }
  // Its names are bounded by Kubernetes, at 253 characters; a claim vouches for them, so they are measured all the same.
  if (reads.objects.has('serviceAccount')) {
    const object = new ServiceAccountFacts(serviceAccount);
    context.serviceAccount = object;
    for (const name of Object.values(object)) extent.text = Math.max(extent.text, name?.length ?? 0);
  }
  return { context, extent };
}

function presentHeaders(
  names: Reads['headers'],
  headers: Readonly<Record<string, string>>,
  extent: Extent,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of names === 'all' ? Object.keys(headers) : names) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (typeof value !== 'string' || value === '') continue;
    found.set(name, value);
    extent.text = Math.max(extent.text, value.length, name.length);
  }
  extent.width = Math.max(extent.width, found.size);
  extent.whole += found.size;
  return found;
}

function presentClaims(
  names: Reads['claims'],
  claims: Readonly<Record<string, unknown>>,
  extent: Extent,
): Map<string, unknown> | Malformed {
  const found = new Map<string, unknown>();
  for (const name of names === 'all' ? Object.keys(claims) : names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined || value === null || value === '') continue;
    const copy = copyValue(value, 1, extent);
    if (copy === tooDeep) return new Malformed(`a claim is nested deeper than ${maxDepth}`);
    found.set(name, copy);
    extent.text = Math.max(extent.text, name.length);
  }
  extent.width = Math.max(extent.width, found.size);
  return found;
}

const tooDeep = Symbol('too deep');

/** A JSON value with `Map`s for objects. `null` stays where it is an element of a list: its place counts there. */
function copyValue(value: unknown, depth: number, extent: Extent): unknown {
  extent.whole++;
  if (typeof value === 'string') extent.text = Math.max(extent.text, value.length);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return tooDeep;
  const copy = Array.isArray(value)
    ? copyList(value, depth, extent)
    : copyMap(value as Readonly<Record<string, unknown>>, depth, extent);
  if (copy !== tooDeep) extent.width = Math.max(extent.width, sizeOf(copy));
  return copy;
}

function sizeOf(copy: unknown[] | Map<string, unknown>): number {
  return Array.isArray(copy) ? copy.length : copy.size;
}

function copyList(list: readonly unknown[], depth: number, extent: Extent): unknown[] | typeof tooDeep {
  const copy: unknown[] = [];
  for (const element of list) {
    const value = copyElement(element, depth, extent);
    if (value === tooDeep) return tooDeep;
    copy.push(value);
  }
  return copy;
}

function copyMap(
  map: Readonly<Record<string, unknown>>,
  depth: number,
  extent: Extent,
): Map<string, unknown> | typeof tooDeep {
  const copy = new Map<string, unknown>();
  for (const [name, element] of Object.entries(map)) {
    if (element === null || element === '') continue;
    const value = copyElement(element, depth, extent);
    if (value === tooDeep) return tooDeep;
    copy.set(name, value);
    extent.text = Math.max(extent.text, name.length);
  }
  return copy;
}

function copyElement(element: unknown, depth: number, extent: Extent): unknown {
  const before = extent.whole;
  const copy = copyValue(element, depth + 1, extent);
  extent.element = Math.max(extent.element, extent.whole - before);
  return copy;
}
