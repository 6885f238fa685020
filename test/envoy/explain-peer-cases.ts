import type { RefusalReason } from '../../src/core/reasons.ts';
import type { IssueOptions } from '../support/ca.ts';
import { IDS, type Mesh } from '../support/mesh.ts';
import { at, type EnvoyCase, read, sends } from './explain-case.ts';

/** Refusals of requests and of their senders. */

/** A client with an odd certificate, at a proxy that takes every certificate. */
const withCertificate = (options: IssueOptions, words: RegExp): EnvoyCase =>
  sends(
    async (mesh) => ({
      ...{ who: await mesh.ca.issue({ uris: [IDS.client], ...options }), path: '/orders/7' },
      token: mesh.mint({ scope: 'orders.read' }),
    }),
    words,
    undefined,
    'edge',
  );

/** A client that writes XFCC itself, at a proxy that passes it on. */
const forwarded = (xfcc: string, words: RegExp, who?: 'thief'): EnvoyCase =>
  sends(
    (mesh) => ({
      ...{ who, path: '/orders/7', token: mesh.mint({ scope: 'orders.read' }) },
      headers: [['x-forwarded-client-cert', xfcc]],
    }),
    words,
    undefined,
    'forwarding',
  );

const large = (headers: (mesh: Mesh) => readonly [string, string][], body: string, words: RegExp) =>
  sends(
    (mesh) => ({ who: 'client', method: 'POST', path: '/orders/7', body, headers: headers(mesh) }),
    words,
    undefined,
    'large',
  );

export const peerCases = {
  check_too_large: large(() => [], 'x'.repeat(2_097_152), /raise grpc\.maxMessageBytes/),
  request_too_large: large(
    () => Array.from({ length: 10 }, (_, index) => [`x-large-${index}`, 'x'.repeat(14_000)]),
    '',
    /more than 131072 characters of headers and path[\s\S]*max_request_headers_kb/,
  ),
  path_ambiguous: at('/orders//7', {}, /an empty segment/),
  no_rule: read({}, /not read: method DELETE is not GET/, /DELETE/, { method: 'DELETE' }),
  peer_missing: read({}, /spiffe:.*payments/, undefined, { path: '/peers/1', who: undefined }),
  peer_certificate_malformed: forwarded(
    `Cert="nothing";URI=${IDS.client}`,
    /peer_certificate_malformed – [\s\S]*filter that forwards it/,
  ),
  peer_certificate_unsuitable: withCertificate({ uris: [IDS.client, IDS.thief] }, /2 URI SANs/),
  peer_certificate_expired: withCertificate(
    { notBefore: new Date(0), notAfter: new Date(1_000) },
    /valid until 1970.*; the peer is spiffe:.*\/client[\s\S]*does not rotate its certificate/,
  ),
  peer_certificate_not_yet_valid: withCertificate(
    { notBefore: new Date(Date.UTC(2040, 0)), notAfter: new Date(Date.UTC(2041, 0)) },
    /valid from 2040.*; the peer is spiffe:.*\/client[\s\S]*Synchronize the clocks/,
  ),
  peer_forwarded_malformed: forwarded('what is this', /peer_forwarded_malformed – [\s\S]*writes the header/),
  peer_forwarded_ambiguous: forwarded(
    `Hash=${'0'.repeat(64)};URI=${IDS.client}`,
    /the last element does not name the peer of the proxy[\s\S]*APPEND_FORWARD at sidecars/,
    'thief',
  ),
  peer_spiffe_id_invalid: withCertificate(
    { uris: ['spiffe://cluster.local/a%20b'] },
    /peer_spiffe_id_invalid – [\s\S]*certificate template/,
  ),
  peer_not_allowed: at('/peers/1', {}, /the peer is spiffe:.*\/client/, /sa\/client/),
  peer_trust_domain_not_allowed: read({}, /evil\.example/, /evil\.example/, {
    path: '/bearer/1',
    who: 'foreign',
  }),
} satisfies Partial<Record<RefusalReason, EnvoyCase>>;
