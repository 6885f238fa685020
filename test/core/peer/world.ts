import { Denial } from '../../../src/core/denial.ts';
import type { Evidence } from '../../../src/core/evidence.ts';
import { Authorities, type Bundle } from '../../../src/core/peer/bundle.ts';
import { parseBundleFile } from '../../../src/core/peer/bundle-document.ts';
import { type Certificate, parseCertificate } from '../../../src/core/peer/certificate.ts';
import { parseSpiffeId, parseSpiffePattern, type SpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { type PeerPolicy, verifyPeer } from '../../../src/core/peer/verify-peer.ts';
import { Cache } from '../../../src/lib/cache.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { createCa, type Issued, type IssueOptions } from '../../support/ca.ts';

/** The workloads of these tests, and the certificates they have. Valid on one day, so that the clock is part of a case. */
export const ids = {
  client: 'spiffe://cluster.local/ns/applications/sa/oauthclient',
  victim: 'spiffe://cluster.local/ns/payments/sa/victim',
  evil: 'spiffe://cluster.local/ns/evil/sa/evil',
  gateway: 'spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account',
  orders: 'spiffe://cluster.local/ns/orders/sa/orders',
  foreign: 'spiffe://cluster.local.evil/ns/applications/sa/oauthclient',
} as const;
export const notBefore = Date.UTC(2026, 0, 1);
export const notAfter = Date.UTC(2026, 0, 2);
export const noon = Date.UTC(2026, 0, 1, 12);

const day: IssueOptions = { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
export const ca = await createCa();
export const issue = (options: IssueOptions) => ca.issue({ ...day, ...options });
export const svid = (id: string, options: IssueOptions = {}) => ca.svid(id, { ...day, ...options });
export const certs = {
  client: await svid(ids.client),
  victim: await svid(ids.victim),
  evil: await svid(ids.evil),
  gateway: await svid(ids.gateway),
  foreign: await svid(ids.foreign),
};

export function spiffe(uri: string): SpiffeId {
  const id = parseSpiffeId(uri);
  if (id instanceof Malformed) throw new TypeError(`${uri}: ${id.why}`);
  return id;
}

export function pattern(text: string) {
  const parsed = parseSpiffePattern(text);
  if (parsed instanceof Malformed) throw new TypeError(`${text}: ${parsed.why}`);
  return parsed;
}

/** What a proxy shows of its peer. `tcp` leaves the request out. */
export interface Shown {
  certificate?: string;
  principal?: string;
  xfcc?: string;
  clientCertificate?: string;
  tcp?: true;
}

export function evidence({ certificate, principal, xfcc, clientCertificate, tcp }: Shown): Evidence {
  const headers = {
    ...(xfcc !== undefined && { 'x-forwarded-client-cert': xfcc }),
    ...(clientCertificate !== undefined && { 'x-client-certificate': clientCertificate }),
  };
  return {
    ...(!tcp && { request: { method: 'GET', host: 'orders.example.com', path: '/', headers } }),
    peer: {
      ...(certificate !== undefined && { certificate }),
      ...(principal !== undefined && { principal }),
    },
    destination: { principal: ids.orders, port: 8080 },
    context: {},
  };
}

/** Trust domains without a bundle. */
export function domains(...names: string[]): ReadonlyMap<string, Bundle | undefined> {
  return new Map(names.map((name) => [name, undefined]));
}

/** A bundle that never changes. */
export function bundleOf(pem: string): Bundle {
  const list = parseBundleFile(pem);
  if (list instanceof Malformed) throw new TypeError(list.why);
  const authorities = new Authorities(list);
  return { current: () => authorities };
}

/** A certificate as it was read from what its CA issued. */
export function certificateOf({ urlEncodedPem }: Pick<Issued, 'urlEncodedPem'>): Certificate {
  const certificate = parseCertificate(urlEncodedPem);
  if (certificate instanceof Malformed) throw new TypeError(certificate.why);
  return certificate;
}

export function policy(change: Partial<PeerPolicy> = {}): PeerPolicy {
  return {
    from: ['attribute', 'xfcc', 'principal'],
    trustDomains: domains('cluster.local'),
    gateways: [],
    clockSkew: 0,
    ...change,
  };
}

/** The time of the certificate is left out: `verify-peer.test.ts` has a test for it. */
export function verify(...of: Parameters<typeof verifyWithTime>) {
  const peer = verifyWithTime(...of);
  if (peer === undefined || peer instanceof Denial) return peer;
  const { validFrom: _, ...others } = peer;
  return others;
}

export function verifyWithTime(
  shown: Shown,
  change: Partial<PeerPolicy> = {},
  now = noon,
  certificates = new Cache<Certificate>(8, () => 1),
) {
  return verifyPeer(evidence(shown), policy(change), certificates, now);
}

/** An element as Istio's proxies write it: By of the proxy, Hash, Subject, URI of its peer. */
export function element(uri: string, { hash, by = ids.orders, more = '' }: ElementOptions = {}): string {
  return `By=${by};${hash === undefined ? '' : `Hash=${hash};`}${more}Subject="";URI=${uri}`;
}

export interface ElementOptions {
  hash?: string;
  by?: string;
  /** Pairs in the middle, each with its semicolon. */
  more?: string;
}

/** What the proxy behind the gateway writes of it. */
export const gatewayElement = element(ids.gateway, { hash: certs.gateway.sha256Hex });

/** The ways in which a proxy names the gateway as its peer. */
export const byGateway: readonly [what: string, shown: Shown][] = [
  ['attribute', { certificate: certs.gateway.urlEncodedPem, principal: ids.gateway }],
  ['attribute without principal', { certificate: certs.gateway.urlEncodedPem }],
  ['principal', { principal: ids.gateway }],
  ['XFCC alone', {}],
];
