import type { Evidence } from '../core/evidence.ts';
import type { PeerSource } from '../core/peer/verify-peer.ts';
import type { StepView } from './step-view.ts';

/** Who sent the request: what each source holds, and whom the rule wants. */
export function describePeer({ told, config, evidence, rule }: StepView): readonly string[] {
  const { from, trustDomains } = config.peers;
  const lines = evidence
    ? from.map((source) => `${source}: ${held[source](evidence) || 'nothing'}`)
    : [`peers.from is [${from.join(', ')}]`];
  const { peer } = told;
  if (peer) {
    const via = peer.via ? `, behind the gateway ${peer.via}` : '';
    lines.push(
      `the peer is ${peer.spiffeId ?? 'a certificate without a SPIFFE ID'} (from ${peer.from ?? '?'})${via}`,
    );
    if (peer.thumbprint !== undefined) lines.push(`the thumbprint of its certificate is ${peer.thumbprint}`);
  } else if (evidence || told.reason === 'peer_missing' || told.reason === 'binding_peer_missing')
    lines.push('no peer was verified');
  if (told.reason === 'peer_trust_domain_not_allowed')
    lines.push(`the configuration accepts the trust domains [${Object.keys(trustDomains ?? {}).join(', ')}]`);
  if (rule && rule.peers.length > 0)
    lines.push(`the rule wants one of [${rule.peers.map(({ text }) => text).join(', ')}]`);
  return lines;
}

/** One row for each source. */
const held: Readonly<Record<PeerSource, (evidence: Evidence) => string | undefined>> = {
  attribute: ({ peer }) => peer.certificate && 'a certificate',
  xfcc: ({ request }) => request?.headers['x-forwarded-client-cert'],
  principal: ({ peer }) => peer.principal,
  'x-client-certificate': ({ request }) => request?.headers['x-client-certificate'] && 'a certificate',
};
