import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import type { Evidence } from '../evidence.ts';
import { parseXfcc, type XfccElement } from './xfcc.ts';

/** Characters of the longest `source.principal` that is compared with the header. */
const longestName = 16_384;

/**
 * The elements of `x-forwarded-client-cert`, the oldest first; none without the header. The last one is refused if
 * the proxy cannot have written it. Does **not** check who wrote the others, nor any certificate.
 */
export function readForwarded({ request, peer }: Evidence): readonly XfccElement[] | Denial {
  const header = request?.headers['x-forwarded-client-cert'];
  if (!header) return [];
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) return new Denial('peer_forwarded_malformed', elements.why);
  if (!writtenBy(peer.principal, elements.at(-1)))
    return new Denial('peer_forwarded_ambiguous', 'the last element does not name the peer of the proxy');
  return elements;
}

/**
 * Whether the proxy can have written this element. It knows the name of its peer (the first URI SAN, else a
 * DNS SAN or the subject). An element with another name was sent by the client (FORWARD_ONLY), or split by a
 * SAN that contains `,` or `;`: Envoy does not escape SANs. Without a principal (a waypoint) there is nothing
 * to compare.
 */
function writtenBy(principal: string | undefined, element: XfccElement | undefined): boolean {
  if (!principal || !element) return true;
  // No valid name is longer.
  if (principal.length > longestName) return false;
  if (/[,;](?:by|hash|cert|chain|subject|uri|dns)=/i.test(principal)) return false;
  const name = element.uris.find((uri) => uri !== '');
  return name === undefined ? !/^spiffe:/i.test(principal) : name === principal;
}
