import type { Cache } from '../../lib/cache.ts';
import { excerpt } from '../../lib/excerpt.ts';
import { Malformed } from '../../lib/malformed.ts';
import { formatTime } from '../../lib/time.ts';
import { Denial } from '../denial.ts';
import type { Evidence } from '../evidence.ts';
import type { Bundle } from './bundle.ts';
import { type Certificate, maxEncodedLength, parseCertificate } from './certificate.ts';
import { readForwarded } from './forwarded.ts';
import {
  candidateFromCertificate,
  candidateFromElement,
  candidateFromPrincipal,
  type PeerCandidate,
} from './peer-candidate.ts';
import { matchesSpiffePattern, type SpiffeId, type SpiffePattern } from './spiffe-id.ts';
import type { XfccElement } from './xfcc.ts';

/**
 * Where a peer may be read from. `x-client-certificate` is a header that our own filter sets; it is never a
 * default.
 */
export const peerSources = ['attribute', 'xfcc', 'principal', 'x-client-certificate'] as const;
export type PeerSource = (typeof peerSources)[number];

/** What the configuration says of peers. */
export interface PeerPolicy {
  /** In this order. The first source with content is used, and refused if it is malformed. */
  readonly from: readonly PeerSource[];
  /**
   * The accepted trust domains, with the bundle that certificates must chain to. Without a bundle the proxy's
   * own check applies. Undefined: SPIFFE IDs are not used, a peer is only a certificate.
   */
  readonly trustDomains: ReadonlyMap<string, Bundle | undefined> | undefined;
  /**
   * Proxies whose statement about their client (the element before their own) is trusted: they run
   * SANITIZE_SET.
   */
  readonly gateways: readonly SpiffePattern[];
  /** Milliseconds of tolerance for certificate validity. */
  readonly clockSkew: number;
}

/** The workload at the other end of the mTLS connection, as the proxy saw it. */
export interface VerifiedPeer {
  readonly source: PeerSource;
  readonly spiffeId?: SpiffeId;
  /** `x5t#S256` of its certificate (RFC 8705 §3.1). Absent if only a name is known. */
  readonly thumbprint?: string;
  /** When the validity of its certificate begins, in milliseconds since the epoch. Absent as above. */
  readonly validFrom?: number;
  /** The gateway that vouches for it, if it is not the direct peer. */
  readonly via?: SpiffeId;
  /** The proven elements of `x-forwarded-client-cert`. The application sees nothing else of that header. */
  readonly forwarded?: string;
}

/**
 * Finds the sender of a request. Reads the peer from the first configured source that has one. If that peer
 * is a configured gateway, looks one hop further back. Then requires a certificate that is valid now, fit for
 * a workload, of an accepted trust domain, and signed by its bundle if it has one. Undefined if no peer was
 * presented. Does **not** check the signature without a bundle, or without a SPIFFE ID and so without a trust
 * domain: the proxy did.
 * @throws DependencyError if a bundle that is needed is not available
 */
export function verifyPeer(
  evidence: Evidence,
  policy: PeerPolicy,
  certificates: Cache<Certificate>,
  now: number,
): VerifiedPeer | undefined | Denial {
  const sources: Sources = {
    evidence,
    // A malformed header is a denial only if it is used. It does not matter beside a peer that was proven in
    // another way.
    forwarded: policy.from.includes('xfcc') ? readForwarded(evidence) : [],
    read: createReader(certificates),
  };
  const direct = firstSender(policy.from, sources);
  if (direct === undefined || direct instanceof Denial) return direct;
  const { spiffeId } = direct;
  if (spiffeId && policy.gateways.some((pattern) => matchesSpiffePattern(pattern, spiffeId)))
    return behindGateway({ ...direct, spiffeId }, sources, policy, now);
  const last = sources.forwarded instanceof Denial ? undefined : sources.forwarded.at(-1);
  const own = last && describes(last, direct, sources.read) ? last : undefined;
  return accept(direct, policy, now, own);
}

type Sourced = PeerCandidate & { readonly source: PeerSource };
interface Sources {
  readonly evidence: Evidence;
  readonly forwarded: readonly XfccElement[] | Denial;
  readonly read: (urlEncodedPem: string) => Certificate | Malformed;
}

/** One row a source: what it says of the sender, if it says anything. */
const readers: Record<PeerSource, (sources: Sources) => PeerCandidate | undefined | Denial> = {
  attribute: ({ evidence: { peer }, read }) =>
    peer.certificate ? candidateFromCertificate(read(peer.certificate)) : undefined,
  xfcc: ({ forwarded, read }) => {
    if (forwarded instanceof Denial) return forwarded;
    const last = forwarded.at(-1);
    return last && candidateFromElement(last, read);
  },
  principal: ({ evidence: { peer } }) =>
    peer.principal ? candidateFromPrincipal(peer.principal) : undefined,
  'x-client-certificate': ({ evidence: { request }, read }) => {
    const header = request?.headers['x-client-certificate'];
    return header ? candidateFromCertificate(read(header)) : undefined;
  },
};

function firstSender(from: readonly PeerSource[], sources: Sources): Sourced | undefined | Denial {
  for (const source of from) {
    const sender = readers[source](sources);
    if (sender instanceof Denial) return sender;
    if (sender !== undefined) return { ...sender, source };
  }
  return undefined;
}

/**
 * The client of a gateway: the element before the gateway's own. A gateway that sanitises leaves at most one,
 * so more elements, or a last one that is not the gateway's, were written by someone else. Without such an
 * element the client had no certificate, and the gateway itself is the peer.
 */
function behindGateway(
  gateway: Sourced & { readonly spiffeId: SpiffeId },
  { forwarded, read }: Sources,
  policy: PeerPolicy,
  now: number,
): VerifiedPeer | Denial {
  if (forwarded instanceof Denial) return forwarded;
  const own = forwarded.at(-1);
  if (own && (forwarded.length > 2 || !describes(own, gateway, read)))
    return new Denial(
      'peer_forwarded_ambiguous',
      'a gateway that sanitises leaves one element before its own',
    );
  // The gateway itself must be accepted before its statement about a client is used.
  const alone = accept(gateway, policy, now, own);
  const element = forwarded.length === 2 ? forwarded[0] : undefined;
  if (alone instanceof Denial || element === undefined || own === undefined) return alone;
  const client = candidateFromElement(element, read);
  if (client === undefined || client instanceof Denial) return client ?? alone;
  const accepted = accept({ ...client, source: 'xfcc' }, policy, now, element);
  if (accepted instanceof Denial) return accepted;
  return { ...accepted, via: gateway.spiffeId, forwarded: `${element.raw},${own.raw}` };
}

/** Whether the element is only about this sender: the same name and the same certificate, if it has them. */
function describes(element: XfccElement, sender: PeerCandidate, read: Sources['read']): boolean {
  const said = candidateFromElement(element, read);
  if (said === undefined || said instanceof Denial) return false;
  if (said.spiffeId && said.spiffeId.uri !== sender.spiffeId?.uri) return false;
  if (said.thumbprint && sender.thumbprint) return said.thumbprint === sender.thumbprint;
  return said.spiffeId !== undefined;
}

/** Checks a sender against time, trust domains and bundle. `element` is the one about it, if there is one. */
function accept(
  sender: Sourced,
  { trustDomains, clockSkew }: PeerPolicy,
  now: number,
  element: XfccElement | undefined,
): VerifiedPeer | Denial {
  const { source, spiffeId, thumbprint, certificate } = sender;
  if (certificate && now < certificate.notBefore - clockSkew)
    return new Denial(
      'peer_certificate_not_yet_valid',
      `valid from ${formatTime(certificate.notBefore)}${whose(spiffeId)}`,
    );
  if (certificate && now >= certificate.notAfter + clockSkew)
    return new Denial(
      'peer_certificate_expired',
      `valid until ${formatTime(certificate.notAfter)}${whose(spiffeId)}`,
    );
  const believed = trustDomains ? spiffeId : undefined;
  if (believed && !trustDomains?.has(believed.trustDomain))
    return new Denial('peer_trust_domain_not_allowed', `the peer is ${believed.uri}`);
  const untrusted = believed && checkBundle(sender, believed, element, trustDomains, { now, clockSkew });
  if (untrusted) return untrusted;
  return {
    source,
    ...(believed && { spiffeId: believed }),
    ...(thumbprint && { thumbprint }),
    ...(certificate && { validFrom: certificate.notBefore }),
    ...(element && { forwarded: element.raw }),
  };
}

/** For the log: a line has the fields of a peer only if the peer was verified. */
function whose(spiffeId: SpiffeId | undefined): string {
  return spiffeId ? `; the peer is ${excerpt(spiffeId.uri, 150)}` : '';
}

function checkBundle(
  { certificate, thumbprint }: PeerCandidate,
  { trustDomain }: SpiffeId,
  element: XfccElement | undefined,
  trustDomains: PeerPolicy['trustDomains'],
  time: { readonly now: number; readonly clockSkew: number },
): Denial | undefined {
  const bundle = trustDomains?.get(trustDomain);
  if (bundle === undefined) return undefined;
  if (certificate === undefined)
    return new Denial(
      'peer_chain_untrusted',
      `the proxy sent only a name${thumbprint ? ' and a hash' : ''}, and ${trustDomain} has a bundle: let the proxy send the certificate (include_peer_certificate, or XFCC with cert: true)`,
    );
  // `source.certificate` is the leaf alone; what the client sent along may stand in the proxy's element about
  // it.
  return bundle.current(time.now).check(certificate, element?.chain, { trustDomain, ...time });
}

/** Reads each certificate of a check once, because a header may repeat it many times. */
function createReader(certificates: Cache<Certificate>): Sources['read'] {
  let last = '';
  let read: Certificate | Malformed | undefined;
  return (urlEncodedPem) => {
    if (read && last === urlEncodedPem) return read;
    last = urlEncodedPem;
    // A key of megabytes would cost milliseconds to look up; what is too long is malformed anyway.
    const known = urlEncodedPem.length <= maxEncodedLength ? certificates.get(urlEncodedPem) : undefined;
    read = known ?? parseCertificate(urlEncodedPem);
    if (!known && !(read instanceof Malformed)) certificates.set(urlEncodedPem, read);
    return read;
  };
}
