import { Malformed } from '../../lib/malformed.ts';
import { matchesPattern, type Pattern, parsePattern } from '../../lib/pattern.ts';

const maxBytes = 2048;
const trustDomainForm = /^[a-z0-9._-]{1,255}$/;
const segmentForm = /^[A-Za-z0-9._-]+$/;

/** A well-formed SPIFFE ID. Does **not** say who vouches for it. */
export interface SpiffeId {
  readonly uri: string;
  readonly trustDomain: string;
  /** The path's segments; empty for the ID of a trust domain itself. */
  readonly segments: readonly string[];
}

/**
 * Reads a SPIFFE ID (SPIFFE-ID §2.1 to §2.4): scheme `spiffe`, a trust domain of `[a-z0-9.-_]`, path segments
 * of `[A-Za-z0-9.-_]` that are not empty, `.` or `..`, no trailing slash, port, user, query or fragment, at
 * most 2048 bytes. Nothing is normalised: another case or percent-encoding is refused.
 */
export function parseSpiffeId(text: string): SpiffeId | Malformed {
  if (text.length > maxBytes) return new Malformed(`longer than ${maxBytes} bytes`);
  if (!text.startsWith('spiffe://')) return new Malformed('does not start with spiffe://');
  const [trustDomain = '', ...segments] = text.slice('spiffe://'.length).split('/');
  if (!trustDomainForm.test(trustDomain))
    return new Malformed('the trust domain has other characters than a-z 0-9 . - _');
  for (const segment of segments) {
    if (segment === '') return new Malformed('an empty path segment or a trailing slash');
    if (segment === '.' || segment === '..') return new Malformed('a path segment of dots');
    if (!segmentForm.test(segment))
      return new Malformed('a path segment has other characters than a-z A-Z 0-9 . - _');
  }
  return { uri: text, trustDomain, segments };
}

/** Namespace and ServiceAccount of an ID in the form of Istio and SPIRE: `/ns/<ns>/sa/<sa>`. */
export function kubernetesWorkload(id: SpiffeId): { namespace: string; serviceAccount: string } | undefined {
  const [ns, namespace, sa, serviceAccount] = id.segments;
  if (id.segments.length !== 4 || ns !== 'ns' || sa !== 'sa' || !namespace || !serviceAccount)
    return undefined;
  return { namespace, serviceAccount };
}

/** A pattern of SPIFFE IDs: a literal trust domain, then segments. `*` is one segment, `**` any number. */
export interface SpiffePattern {
  readonly text: string;
  readonly trustDomain: string;
  readonly path: Pattern;
}

/** Reads a pattern such as `spiffe://cluster.local/ns/orders/sa/*`. The trust domain must be literal. */
export function parseSpiffePattern(text: string): SpiffePattern | Malformed {
  // With every wildcard replaced by a legal segment, the text must be a SPIFFE ID.
  const plain = parseSpiffeId(text.replace(/(?<=\/)\*\*?(?=\/|$)/g, 'x'));
  if (plain instanceof Malformed) return plain;
  if (text.startsWith('spiffe://*')) return new Malformed('the trust domain must be written out');
  const path = parsePattern(text.slice('spiffe://'.length).split('/').slice(1));
  if (path instanceof Malformed) return path;
  return { text, trustDomain: plain.trustDomain, path };
}

export function matchesSpiffePattern(pattern: SpiffePattern, id: SpiffeId): boolean {
  return pattern.trustDomain === id.trustDomain && matchesPattern(pattern.path, id.segments);
}
