import { quoted } from '../../lib/excerpt.ts';
import { Denial } from '../denial.ts';
import type { Evidence } from '../evidence.ts';
import { type PeerPolicy, type PeerSource, peerSources, type VerifiedPeer } from './verify-peer.ts';

/**
 * Says in a refusal for want of a peer why there was none: several mistakes of a configuration look the same
 * to the rule. Returns every other refusal as it is. Decides nothing, and may quote what was not verified.
 * @param peer the peer that was verified, if it only lacks a SPIFFE ID
 */
export function explainMissingPeer(
  denial: Denial,
  evidence: Evidence,
  policy: PeerPolicy,
  peer: VerifiedPeer | undefined,
): Denial {
  const { reason, detail, hint } = denial;
  if (reason !== 'peer_missing' && reason !== 'binding_peer_missing') return denial;
  const why = peer ? whyNameless(peer, policy) : whyAbsent(evidence, policy);
  return new Denial(reason, `${why}; ${detail}`, hint);
}

/** One row a source: how a peer without a SPIFFE ID comes about. */
const nameless: Readonly<Record<PeerSource, string>> = {
  attribute: 'the certificate that the proxy sent does not hold a SPIFFE ID',
  xfcc: 'x-forwarded-client-cert does not name a SPIFFE ID: the certificate has none, or the proxy does not add URI',
  principal: 'the principal is not a SPIFFE ID',
  'x-client-certificate': 'the certificate in x-client-certificate does not hold a SPIFFE ID',
};

function whyNameless({ source }: VerifiedPeer, { trustDomains }: PeerPolicy): string {
  return trustDomains ? nameless[source] : 'peers.trustDomains is not set, so a SPIFFE ID does not count';
}

/** One row a source: what was sent there, if anything was. */
const sent: Readonly<Record<PeerSource, (evidence: Evidence) => string | undefined>> = {
  attribute: ({ peer }) => peer.certificate && 'a certificate',
  xfcc: ({ request }) => request?.headers['x-forwarded-client-cert'] && 'x-forwarded-client-cert',
  principal: ({ peer }) =>
    peer.principal?.startsWith('spiffe://') ? `the principal ${quoted(peer.principal, 100)}` : undefined,
  'x-client-certificate': ({ request }) =>
    request?.headers['x-client-certificate'] && 'x-client-certificate (a client can write it)',
};

function whyAbsent(evidence: Evidence, { from }: PeerPolicy): string {
  const { missing, principal } = evidence.peer;
  if (missing !== undefined) return missing;
  const unread = peerSources.find((source) => !from.includes(source) && sent[source](evidence));
  if (unread) return `the check holds ${sent[unread](evidence)}, and peers.from leaves out ${unread}`;
  if (sent.xfcc(evidence))
    return 'the last element of x-forwarded-client-cert holds neither URI, Hash nor Cert: see set_current_client_cert_details';
  if (principal)
    return `the proxy names its peer only as ${quoted(principal, 100)}, which is not a SPIFFE ID`;
  return 'the proxy sent neither a certificate nor x-forwarded-client-cert: the client did not use mTLS, or the proxy does not pass it on';
}
