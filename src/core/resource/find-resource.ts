import { Malformed } from '../../lib/malformed.ts';
import type { PresentedRequest } from '../evidence.ts';
import { matchesHost, parseHost, possibleHosts } from '../policy/host.ts';
import { type ProtectedResource, type Resources, wellKnown } from './resource.ts';

/**
 * The resource whose document a request asks for (RFC 9728 §3.1), with GET or HEAD. The path is compared as it
 * was sent: with a query, an escape, a second slash or a dot segment it names another resource, or none. Then
 * the rules decide about the request.
 */
export function findServed(
  resources: Resources,
  { method, host, path }: Pick<PresentedRequest, 'method' | 'host' | 'path'>,
): ProtectedResource | undefined {
  // Almost every request ends here.
  if (!path.startsWith(wellKnown) || (method !== 'GET' && method !== 'HEAD')) return undefined;
  return findAt(resources, host, ({ documentPath }) => documentPath === path);
}

/**
 * The resource that a request belongs to: the one at its host with the longest prefix of its path.
 * @param path as rules are matched against it
 */
export function findCovering(
  resources: Resources,
  { host }: Pick<PresentedRequest, 'host'>,
  path: string,
): ProtectedResource | undefined {
  const segments = path.slice(1).split('/');
  return findAt(resources, host, ({ prefix }) => prefix.every((segment, at) => segment === segments[at]));
}

function findAt(
  { list, reading }: Resources,
  text: string,
  fits: (resource: ProtectedResource) => boolean,
): ProtectedResource | undefined {
  const near = list.filter(fits);
  const written = near.length > 0 ? parseHost(text) : undefined;
  if (written === undefined || written instanceof Malformed) return undefined;
  // A port or a final dot counts, unless the proxy is known to ignore it.
  const [host] = possibleHosts(written, reading);
  return near.find(({ hosts }) => hosts.some((pattern) => matchesHost(pattern, host)));
}
