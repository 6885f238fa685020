import { hash } from 'node:crypto';
import type { PresentedPeer } from '../core/evidence.ts';
import type { Certificate } from '../core/peer/certificate.ts';
import type { PeerPolicy, PeerSource } from '../core/peer/verify-peer.ts';
import type { Cache } from '../lib/cache.ts';

/** A made-up sender. */
export interface TrialPeer {
  /** Absent for a certificate without a SPIFFE ID. */
  readonly spiffeId?: string | undefined;
  /** Tells certificates of one workload apart, such as the one before a rotation. */
  readonly certificate?: string | undefined;
  /** The SPIFFE ID of the gateway that it comes through, if it does. */
  readonly via?: string | undefined;
  /** Where the proxy names it. Default: the first source of `peers.from` that holds a certificate. */
  readonly source?: PeerSource | undefined;
}

/** Longer than any trial. */
const validity = 86_400_000;

/**
 * The certificate of a made-up sender. It is a fact and not DER: it stands in the cache of certificates, where
 * the core finds what it has read. So the core judges it like any other, but nobody signed it.
 */
export function certificateOf({ spiffeId, certificate = '' }: TrialPeer, now: number): Certificate {
  const der = Buffer.from(`trial certificate ${certificate} of ${spiffeId ?? ''}`);
  return {
    thumbprint: hash('sha256', der, 'base64url'),
    der,
    hasFitKey: true,
    uris: spiffeId === undefined ? [] : [spiffeId],
    isCa: false,
    pathLength: undefined,
    keyUsage: { digitalSignature: true, keyCertSign: false, cRLSign: false },
    extendedKeyUsage: ['clientAuth'],
    unsupported: [],
    signatureAlgorithm: '1.2.840.10045.4.3.2',
    notBefore: now - validity,
    notAfter: now + validity,
  };
}

/**
 * Presents a made-up sender as its source would, or else the first one of `peers.from`. One that comes through
 * a gateway is presented as a gateway in SANITIZE_SET mode forwards it. One that names `x-client-certificate`
 * itself has only that header, as behind a proxy without mTLS.
 * @param certificates the cache of the policy; the certificates are put in
 */
export function presentPeer(
  { via, source: named, ...sender }: TrialPeer,
  { from }: PeerPolicy,
  certificates: Cache<Certificate>,
  now: number,
): { readonly peer: PresentedPeer; readonly headers: Readonly<Record<string, string>> } {
  const direct = via === undefined ? sender : { spiffeId: via };
  const element = (peer: TrialPeer) => presentElement(peer, certificates, now);
  const { text, forwarded } = element(direct);
  const principal = named === 'x-client-certificate' ? '' : (direct.spiffeId ?? '');
  const source = named ?? from.find((one) => one !== 'principal') ?? 'principal';
  const headers: Record<string, string> = {};
  if (source === 'x-client-certificate') headers[source] = text;
  if (source === 'xfcc') headers['x-forwarded-client-cert'] = forwarded;
  if (via !== undefined) headers['x-forwarded-client-cert'] = `${element(sender).forwarded},${forwarded}`;
  return { peer: { principal, ...(source === 'attribute' && { certificate: text }) }, headers };
}

function presentElement(peer: TrialPeer, certificates: Cache<Certificate>, now: number) {
  const certificate = certificateOf(peer, now);
  const text = encodeURIComponent(certificate.der.toString());
  certificates.set(text, certificate);
  const hash = Buffer.from(certificate.thumbprint, 'base64url').toString('hex');
  const uri = peer.spiffeId === undefined ? '' : `;URI=${peer.spiffeId}`;
  return { text, forwarded: `Hash=${hash};Cert="${text}"${uri}` };
}
