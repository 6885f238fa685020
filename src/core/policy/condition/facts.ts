import { EvaluationError } from '@marcbachmann/cel-js';
import type { JsonObject } from '../../../lib/json.ts';
import { Malformed } from '../../../lib/malformed.ts';
import type { PresentedRequest } from '../../evidence.ts';
import type { VerifiedPeer } from '../../peer/verify-peer.ts';
import type { ServiceAccount } from '../../token/service-account.ts';
import { Extent } from './extent.ts';
import type { Reads } from './reads.ts';
import { type ConditionToken, PeerFacts, RequestFacts, ServiceAccountFacts, TokenFacts } from './types.ts';

/** What a condition can read: proven facts, and the request as it was presented. */
export interface ConditionFacts {
  readonly request: Pick<PresentedRequest, 'method' | 'headers'>;
  /** As it was compared with the rules. */
  readonly path: string;
  readonly host: string | undefined;
  readonly token: ConditionToken;
  readonly peer: VerifiedPeer | undefined;
  readonly serviceAccount: ServiceAccount | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Facts in the form that cel-js reads, and their size. */
export interface Presented {
  readonly context: Readonly<Record<string, unknown>>;
  readonly extent: Extent;
}

/**
 * A map of claims or headers. To ask for what cannot be a key is an error, as in CEL: cel-js says that it is
 * not in the map, so that `!(claims.role in claims.banned)` would hold for a role that is a list.
 */
class FactMap<V> extends Map<string, V> {
  override get(key: string): V | undefined {
    const asked: unknown = key;
    if (typeof asked === 'object')
      throw new EvaluationError({ code: 'no_such_overload', message: 'no_such_overload' });
    return super.get(key);
  }
}

// cel-js knows maps by their constructor.
Object.defineProperty(FactMap.prototype, 'constructor', { value: Map });

/** The deepest nesting of one claim. Bounds recursion, and the number of types that cel-js caches. */
const maxDepth = 5;

/**
 * Provides only what the expression reads. Maps become `FactMap`s, so the name of a claim or header never
 * meets a prototype. A claim or header without a value (`null`, an empty text) is left out, as if it were
 * missing. Malformed if a claim that is read is nested too deeply.
 */
export function presentFacts(reads: Reads, facts: ConditionFacts): Presented | Malformed {
  const { request, path, host, token, peer, serviceAccount, now } = facts;
  const extent = new Extent();
  const context: Record<string, unknown> = {};
  if (reads.objects.has('claims')) {
    const claims = presentClaims(reads.claims, token.claims, extent);
    if (claims instanceof Malformed) return claims;
    context.claims = claims;
  }
  if (reads.objects.has('request')) {
    const headers = presentHeaders(reads.headers, request.headers, extent);
    context.request = new RequestFacts(request.method, host, path, headers, now);
    for (const text of [request.method, host, path]) extent.addText(text);
  }
  if (reads.objects.has('token')) {
    const object = new TokenFacts(token);
    context.token = object;
    for (const list of [object.scopes, object.audiences, object.actors]) extent.addTexts(list);
    for (const text of [object.subject, object.issuer, object.client_id, object.actor]) extent.addText(text);
  }
  if (reads.objects.has('peer')) {
    const object = new PeerFacts(peer);
    context.peer = object;
    for (const text of Object.values(object)) extent.addText(text);
  }
  // Kubernetes limits names to 253 characters. They come from a claim, so they are measured anyway.
  if (reads.objects.has('serviceAccount')) {
    const object = new ServiceAccountFacts(serviceAccount);
    context.serviceAccount = object;
    for (const name of Object.values(object)) extent.addText(name);
  }
  return { context, extent };
}

function presentHeaders(
  names: Reads['headers'],
  headers: Readonly<Record<string, string>>,
  extent: Extent,
): Map<string, string> {
  const found = new FactMap<string>();
  for (const name of names === 'all' ? Object.keys(headers) : names) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (typeof value !== 'string' || value === '') continue;
    found.set(name, value);
    extent.addText(name);
    extent.addText(value);
  }
  extent.addMap(found.size);
  return found;
}

function presentClaims(
  names: Reads['claims'],
  claims: JsonObject,
  extent: Extent,
): Map<string, unknown> | Malformed {
  const found = new FactMap<unknown>();
  for (const name of names === 'all' ? Object.keys(claims) : names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined || value === null || value === '') continue;
    const copy = copyValue(value, 1, extent);
    if (copy === tooDeep) return new Malformed(`a claim is nested deeper than ${maxDepth}`);
    found.set(name, copy);
    extent.addText(name);
  }
  extent.addMap(found.size);
  return found;
}

const tooDeep = Symbol('too deep');

/** Copies a JSON value, with `Map`s for objects. `null` stays in a list, because its position matters. */
function copyValue(value: unknown, depth: number, extent: Extent): unknown {
  if (typeof value === 'string') extent.addText(value);
  else if (typeof value !== 'object' || value === null) extent.addScalar();
  else if (depth > maxDepth) return tooDeep;
  else if (Array.isArray(value)) return copyList(value, depth, extent);
  else return copyMap(value as JsonObject, depth, extent);
  return value;
}

function copyList(list: readonly unknown[], depth: number, extent: Extent): unknown[] | typeof tooDeep {
  const copy: unknown[] = [];
  for (const element of list) {
    const value = extent.inElement(() => copyValue(element, depth + 1, extent));
    if (value === tooDeep) return tooDeep;
    copy.push(value);
  }
  extent.addList(copy.length);
  return copy;
}

function copyMap(map: JsonObject, depth: number, extent: Extent): Map<string, unknown> | typeof tooDeep {
  const copy = new FactMap<unknown>();
  for (const [name, element] of Object.entries(map)) {
    if (element === null || element === '') continue;
    const value = extent.inElement(() => copyValue(element, depth + 1, extent));
    if (value === tooDeep) return tooDeep;
    copy.set(name, value);
    extent.addText(name);
  }
  extent.addMap(copy.size);
  return copy;
}
