import { hash } from 'node:crypto';
import type { PresentedPeer } from '../core/evidence.ts';
import type { Certificate } from '../core/peer/certificate.ts';
import type { PeerPolicy } from '../core/peer/verify-peer.ts';
import type { Cache } from '../lib/cache.ts';

/** A made-up sender. */
export interface TrialPeer {
  /** Absent for a certificate without a SPIFFE ID. */
  readonly spiffeId?: string | undefined;
  /** Tells certificates of one workload apart, such as the one before a rotation. */
  readonly certificate?: string | undefined;
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
 * Presents a made-up sender as the first source of `peers.from` would.
 * @param certificates the cache of the policy; the certificate is put in
 */
export function presentPeer(
  peer: TrialPeer,
  { from }: PeerPolicy,
  certificates: Cache<Certificate>,
  now: number,
): { readonly peer: PresentedPeer; readonly headers: Readonly<Record<string, string>> } {
  const certificate = certificateOf(peer, now);
  const text = encodeURIComponent(certificate.der.toString());
  certificates.set(text, certificate);
  const principal = peer.spiffeId ?? '';
  const source = from.find((one) => one !== 'principal') ?? 'principal';
  const headers: Record<string, string> = {};
  if (source === 'x-client-certificate') headers[source] = text;
  if (source === 'xfcc') {
    const uri = peer.spiffeId === undefined ? '' : `;URI=${peer.spiffeId}`;
    headers['x-forwarded-client-cert'] =
      `Hash=${Buffer.from(certificate.thumbprint, 'base64url').toString('hex')};Cert="${text}"${uri}`;
  }
  return { peer: { principal, ...(source === 'attribute' && { certificate: text }) }, headers };
}
