import { hash, X509Certificate } from 'node:crypto';
import { Denial } from '../../../src/core/denial.ts';
import type { PeerPolicy } from '../../../src/core/peer/verify-peer.ts';
import { Cache } from '../../../src/lib/cache.ts';
import {
  type Ca,
  type CaOptions,
  createCa,
  type Issued,
  type IssueOptions,
  urlEncodePem,
} from '../../support/ca.ts';
import { bundleOf, ids, noon, notAfter, notBefore, type Shown, verify } from './world.ts';

export const day = { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
export const caOptions = (name: string, more: CaOptions = {}): CaOptions => ({ name, ...day, ...more });
export const leafOf = (ca: Ca, more: IssueOptions = {}): Promise<Issued> =>
  ca.svid(ids.client, { ...day, ...more });

/** A root, and the intermediate under it that signs workloads. */
export const root = await createCa(caOptions('O=root'));
export const issuing = await root.intermediate(caOptions('CN=issuing', { uris: ['spiffe://cluster.local'] }));
export const byRoot = await leafOf(root);
export const byIssuing = await leafOf(issuing);

/** A workload that vouches for itself. */
export async function selfSignedLeaf(): Promise<Issued> {
  const options = { isCa: false, keyUsage: ['digitalSignature'], uris: [ids.client] } satisfies CaOptions;
  const { certPem, keyPem } = await createCa(caOptions('C=US, O=SPIRE', options));
  const der = new X509Certificate(certPem).raw;
  const sha256Hex = hash('sha256', der);
  const thumbprint = Buffer.from(sha256Hex, 'hex').toString('base64url');
  return { certPem, keyPem, der, thumbprint, sha256Hex, urlEncodedPem: urlEncodePem(certPem) };
}

type Pem = Pick<Issued, 'certPem'>;

/** XFCC `Chain`, as Envoy writes it. */
export const chainOf = (...certificates: readonly Pem[]) =>
  urlEncodePem(certificates.map(({ certPem }) => certPem).join(''));

/** What a proxy with `cert: true` and, where `chain` is given, `chain: true` says of its peer. */
export function forwarded({ sha256Hex, urlEncodedPem }: Issued, chain?: string): Shown {
  const chainPair = chain === undefined ? '' : `Chain="${chain}";`;
  return { xfcc: `Hash=${sha256Hex};Cert="${urlEncodedPem}";${chainPair}Subject="";URI=${ids.client}` };
}

/** The leaf with what its client sent along. */
export const sent = (leaf: Issued, ...others: readonly Pem[]) => forwarded(leaf, chainOf(leaf, ...others));

/** The trust domain with these authorities. */
export const trusting = (...authorities: readonly Pem[]) => ({
  trustDomains: new Map([['cluster.local', bundleOf(authorities.map(({ certPem }) => certPem).join(''))]]),
});

/** CAs that have the names of ours and other keys, one of them without key identifiers. */
export const foreign = await createCa(caOptions('O=root'));
export const nameless = await createCa(caOptions('O=root', { keyIds: false }));
export const foreignIssuing = await foreign.intermediate(caOptions('CN=issuing'));

/** A chain of five intermediates. */
export const second = await issuing.intermediate(caOptions('CN=second'));
export const third = await second.intermediate(caOptions('CN=third'));
export const fourth = await third.intermediate(caOptions('CN=fourth'));
export const fifth = await fourth.intermediate(caOptions('CN=fifth'));
export const byFifth = await leafOf(fifth);

export const past = { notAfter: new Date(noon - 1) };
export const oldRoot = await createCa(caOptions('O=old', past));
export const shallow = await createCa(caOptions('O=shallow', { pathLength: 0 }));
export const oneBelow = await root.intermediate(caOptions('CN=one below', { pathLength: 0 }));

/** A verdict without what it found: undefined for a peer that is accepted. Nothing is remembered. */
export function verdict(shown: Shown, change: Partial<PeerPolicy>, now = noon): Denial | undefined | string {
  const peer = verify(shown, change, now, new Cache(0, () => 1));
  return peer instanceof Denial ? peer : peer?.spiffeId?.uri === ids.client ? undefined : 'no peer';
}

export const untrusted = (detail: string) => new Denial('peer_chain_untrusted', detail);
export const nobody = (issuer: string) => `no authority of cluster.local is its issuer "${issuer}"`;
/** What is said beside, where there was no Chain. */
export const missing = '; no intermediates were sent (XFCC with chain: true)';
