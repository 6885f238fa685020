import { Malformed } from '../../lib/malformed.ts';
import { ownCopy } from '../../lib/own-copy.ts';
import { Denial } from '../denial.ts';
import { type Certificate, mayBeClient } from './certificate.ts';
import { parseSpiffeId, type SpiffeId } from './spiffe-id.ts';
import type { XfccElement } from './xfcc.ts';

/** The sender that a proxy described. Not yet checked against time and trust domains. */
export interface PeerCandidate {
  readonly spiffeId?: SpiffeId;
  readonly thumbprint?: string;
  /** Absent if only a name or a hash was forwarded. Then only the proxy has checked the certificate. */
  readonly certificate?: Certificate;
}

/**
 * The sender that a certificate names, by the rules for X.509-SVIDs (X509-SVID §2 to §5.2): at most one URI
 * SAN, not a CA, `digitalSignature` if keyUsage is present, `clientAuth` if extKeyUsage is, a strong key, and
 * only supported critical extensions (RFC 5280 §4.2). A certificate without a SPIFFE ID is a sender by its
 * thumbprint (RFC 8705), under the same rules.
 */
export function candidateFromCertificate(certificate: Certificate | Malformed): PeerCandidate | Denial {
  if (certificate instanceof Malformed) return new Denial('peer_certificate_malformed', certificate.why);
  const known = candidates.get(certificate);
  if (known) return known;
  const candidate = readCandidate(certificate);
  candidates.set(certificate, candidate);
  return candidate;
}

/** For as long as the certificate is cached. */
const candidates = new WeakMap<Certificate, PeerCandidate | Denial>();

function readCandidate(certificate: Certificate): PeerCandidate | Denial {
  const { uris, thumbprint } = certificate;
  const flaw = findClientFlaw(certificate);
  if (flaw !== undefined) return new Denial('peer_certificate_unsuitable', flaw);
  const spiffeId = readSpiffeId(uris[0]);
  if (spiffeId instanceof Denial) return spiffeId;
  return { ...(spiffeId && { spiffeId }), thumbprint, certificate };
}

function findClientFlaw(certificate: Certificate): string | undefined {
  const { uris, isCa, keyUsage, unsupported, hasFitKey } = certificate;
  if (isCa || keyUsage?.keyCertSign || keyUsage?.cRLSign) return 'a CA certificate';
  if (keyUsage && !keyUsage.digitalSignature) return 'keyUsage without digitalSignature';
  if (!mayBeClient(certificate)) return 'extKeyUsage without clientAuth';
  if (unsupported.length > 0) return `it has an extension that is not supported: ${unsupported.join(', ')}`;
  if (!hasFitKey) return 'a key that is too weak, too large or of an unsupported type';
  return uris.length > 1 ? `${uris.length} URI SANs` : undefined;
}

/** The sender of an XFCC element: from `Cert`, which `Hash` and `URI` must confirm, else from these. */
export function candidateFromElement(
  element: XfccElement,
  read: (urlEncodedPem: string) => Certificate | Malformed,
): PeerCandidate | undefined | Denial {
  if (element.cert === undefined && elements.has(element)) return elements.get(element);
  const thumbprint = element.hash === undefined ? undefined : thumbprintFromHex(element.hash);
  if (thumbprint === null) return new Denial('peer_forwarded_malformed', 'Hash is not a hex SHA-256');
  if (element.cert !== undefined) {
    const certificate = read(element.cert);
    const sender = candidateFromCertificate(certificate);
    if (sender instanceof Denial || certificate instanceof Malformed) return sender;
    if (thumbprint !== undefined && thumbprint !== sender.thumbprint)
      return new Denial('peer_forwarded_ambiguous', 'Hash and Cert are of two certificates');
    if (element.uris.length > 0 && element.uris.join('\n') !== certificate.uris.join('\n'))
      return new Denial('peer_forwarded_ambiguous', 'URI is not what Cert says');
    return sender;
  }
  const named = candidateFromNames(element, thumbprint);
  elements.set(element, named);
  return named;
}

/** The senders of elements without a certificate, for as long as their header is cached. */
const elements = new WeakMap<XfccElement, PeerCandidate | undefined | Denial>();

function candidateFromNames(
  { uris }: XfccElement,
  thumbprint: string | undefined,
): PeerCandidate | undefined | Denial {
  if (uris.length > 1)
    return new Denial('peer_forwarded_ambiguous', 'several URIs, and no Cert that confirms one');
  const spiffeId = readSpiffeId(uris[0]);
  if (spiffeId instanceof Denial) return spiffeId;
  if (!spiffeId && !thumbprint) return undefined;
  return { ...(spiffeId && { spiffeId }), ...(thumbprint && { thumbprint }) };
}

/** The sender in `source.principal`. A DNS name or a subject is not an identity here. */
export function candidateFromPrincipal(principal: string): PeerCandidate | undefined | Denial {
  // A copy, because an identity keeps its peer, and the principal may be a slice of a whole message.
  const spiffeId = readSpiffeId(ownCopy(principal));
  if (spiffeId instanceof Denial || spiffeId === undefined) return spiffeId;
  return { spiffeId };
}

function readSpiffeId(uri: string | undefined): SpiffeId | undefined | Denial {
  if (!uri || !/^spiffe:/i.test(uri)) return undefined;
  const id = parseSpiffeId(uri);
  if (id instanceof Malformed) return new Denial('peer_spiffe_id_invalid', id.why);
  if (id.segments.length === 0)
    return new Denial('peer_spiffe_id_invalid', 'the ID of a trust domain, not of a workload');
  return id;
}

/** Converts the hex SHA-256 that Envoy writes to base64url. Null if it is malformed. */
function thumbprintFromHex(hash: string): string | null {
  return /^[0-9a-f]{64}$/i.test(hash) ? Buffer.from(hash, 'hex').toString('base64url') : null;
}
