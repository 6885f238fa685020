import { Denial } from '../decision.ts';
import type { Evidence } from '../evidence.ts';
import { instant } from '../instant.ts';
import { Malformed } from '../malformed.ts';
import type { Memo } from '../memo.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { type Sender, senderOfCertificate, senderOfElement, senderOfPrincipal } from './sender.ts';
import { matchesSpiffePattern, type SpiffeId, type SpiffePattern } from './spiffe-id.ts';
import { parseXfcc, type XfccElement } from './xfcc.ts';

/** Where a peer may be read from. `x-client-certificate` is any header that a filter of ours fills, never a default. */
export const peerSources = ['attribute', 'xfcc', 'principal', 'x-client-certificate'] as const;
export type PeerSource = (typeof peerSources)[number];

/** What the configuration says of peers. */
export interface PeerPolicy {
  /** In this order; the first source that holds anything counts, and is refused if it is malformed. */
  readonly from: readonly PeerSource[];
  /** The trust domains whose SPIFFE IDs are believed. Undefined: none is, and peers are certificates only. */
  readonly trustDomains: ReadonlySet<string> | undefined;
  /** Proxies whose own XFCC element before the last is believed: they run SANITIZE_SET. */
  readonly gateways: readonly SpiffePattern[];
  /** Milliseconds that certificate validity may be off. */
  readonly clockSkew: number;
}

/** The workload at the other end of the mTLS connection, as the proxy saw it. */
export interface VerifiedPeer {
  readonly source: PeerSource;
  readonly spiffeId?: SpiffeId;
  /** `x5t#S256` of its certificate (RFC 8705 §3.1); absent where only a name is known. */
  readonly thumbprint?: string;
  /** The gateway that vouches for it, where it is not the direct peer. */
  readonly via?: SpiffeId;
  /** The elements of `x-forwarded-client-cert` that are proven: all that the application may see of it. */
  readonly forwarded?: string;
}

/**
 * Who sent this? Reads the peer from the first configured source that holds one; looks one hop further back where that
 * peer is a configured gateway; then demands a certificate that is valid now, fit for a workload, and of a trust domain
 * that is allowed. Undefined where no peer was presented. Does **not** check the certificate's signature: the proxy did.
 */
export function verifyPeer(
  evidence: Evidence,
  policy: PeerPolicy,
  certificates: Memo<Certificate>,
  now: number,
): VerifiedPeer | undefined | Denial {
  const read = (text: string) => readCertificate(text, certificates);
  const header = policy.from.includes('xfcc')
    ? evidence.request?.headers['x-forwarded-client-cert']
    : undefined;
  // Parsed only where it decides something: a client's own rubbish in it is no reason to refuse a proven peer.
  let elements: readonly XfccElement[] | Denial | undefined;
  const forwarded = () => (elements ??= header ? readForwarded(header, evidence.peer.principal) : []);

  const direct = firstSender(evidence, policy.from, forwarded, read);
  if (direct === undefined || direct instanceof Denial) return direct;

  const gateway =
    direct.spiffeId &&
    policy.gateways.some((pattern) => matchesSpiffePattern(pattern, direct.spiffeId as SpiffeId));
  const chain = header ? forwarded() : [];
  if (!gateway) {
    const last = chain instanceof Denial ? undefined : chain.at(-1);
    return accept(direct, policy, now, last && describes(last, direct) ? { forwarded: last.raw } : {});
  }
  if (chain instanceof Denial) return chain;
  const [client, own, ...more] = chain;
  if (client === undefined || own === undefined)
    return accept(direct, policy, now, {
      ...(client && describes(client, direct) && { forwarded: client.raw }),
    });
  if (more.length > 0 || !describes(own, direct))
    return new Denial(
      'peer_forwarded_ambiguous',
      'a gateway that sanitises leaves one element before its own',
    );
  const sender = senderOfElement(client, read);
  if (sender instanceof Denial) return sender;
  // The gateway itself must be in order before its word about somebody else counts.
  const vouching = accept(direct, policy, now, {});
  if (vouching instanceof Denial || sender === undefined) return vouching;
  return accept({ ...sender, source: 'xfcc' }, policy, now, {
    via: direct.spiffeId as SpiffeId,
    forwarded: `${client.raw},${own.raw}`,
  });
}

type Sourced = Sender & { readonly source: PeerSource };
type Read = (urlEncodedPem: string) => Certificate | Malformed;

function firstSender(
  evidence: Evidence,
  from: readonly PeerSource[],
  forwarded: () => readonly XfccElement[] | Denial,
  read: Read,
): Sourced | undefined | Denial {
  for (const source of from) {
    const sender = readers[source](evidence, forwarded, read);
    if (sender instanceof Denial) return sender;
    if (sender !== undefined) return { ...sender, source };
  }
  return undefined;
}

/** One row a source. */
const readers: Record<
  PeerSource,
  (
    evidence: Evidence,
    forwarded: () => readonly XfccElement[] | Denial,
    read: Read,
  ) => Sender | undefined | Denial
> = {
  attribute: ({ peer }, _, read) =>
    peer.certificate ? senderOfCertificate(read(peer.certificate)) : undefined,
  xfcc: (_, forwarded, read) => {
    const elements = forwarded();
    if (elements instanceof Denial) return elements;
    const last = elements.at(-1);
    return last && senderOfElement(last, read);
  },
  principal: ({ peer }) => (peer.principal ? senderOfPrincipal(peer.principal) : undefined),
  'x-client-certificate': ({ request }, _, read) => {
    const header = request?.headers['x-client-certificate'];
    return header ? senderOfCertificate(read(header)) : undefined;
  },
};

function readForwarded(header: string, principal: string | undefined): readonly XfccElement[] | Denial {
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) return new Denial('peer_forwarded_malformed', elements.why);
  const last = elements.at(-1)?.uris;
  // The proxy that asks knows its peer's name: a last element with another one was not written by it (FORWARD_ONLY).
  if (principal?.startsWith('spiffe://') && !last?.includes(principal))
    return new Denial('peer_forwarded_ambiguous', 'the last element does not name the peer of the proxy');
  return elements;
}

/** Whether the element is what the proxy writes of this sender. */
function describes(element: XfccElement, sender: Sender): boolean {
  if (sender.thumbprint && element.hash)
    return Buffer.from(element.hash, 'hex').toString('base64url') === sender.thumbprint;
  return (
    sender.spiffeId !== undefined && element.uris.length === 1 && element.uris[0] === sender.spiffeId.uri
  );
}

function accept(
  sender: Sourced,
  policy: PeerPolicy,
  now: number,
  more: Pick<VerifiedPeer, 'via' | 'forwarded'>,
): VerifiedPeer | Denial {
  const { source, spiffeId, thumbprint, validity } = sender;
  if (validity && now < validity.notBefore - policy.clockSkew)
    return new Denial('peer_certificate_not_yet_valid', `valid from ${instant(validity.notBefore)}`);
  if (validity && now >= validity.notAfter + policy.clockSkew)
    return new Denial('peer_certificate_expired', `valid until ${instant(validity.notAfter)}`);
  const believed = policy.trustDomains ? spiffeId : undefined;
  if (believed && !policy.trustDomains?.has(believed.trustDomain))
    return new Denial('peer_trust_domain_not_allowed', `the peer is ${believed.uri}`);
  return { source, ...(believed && { spiffeId: believed }), ...(thumbprint && { thumbprint }), ...more };
}

function readCertificate(urlEncodedPem: string, certificates: Memo<Certificate>): Certificate | Malformed {
  const known = certificates.get(urlEncodedPem);
  if (known) return known;
  const certificate = parseCertificate(urlEncodedPem);
  if (!(certificate instanceof Malformed)) certificates.set(urlEncodedPem, certificate);
  return certificate;
}
