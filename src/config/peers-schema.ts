import * as z from 'zod';
import { peerSources } from '../core/peer/verify-peer.ts';
import * as field from './fields.ts';

const trustDomain = z
  .strictObject({
    bundle: field.optional(
      field.text,
      'File of its certificate authorities: PEM, or a SPIFFE bundle. The file is read again when it changes.',
    ),
    bundleEndpoint: field.optional(
      field.url,
      'Its SPIFFE bundle endpoint (profile https_web). The bundle says how often it is fetched.',
    ),
    ca: field.optional(
      field.text,
      "PEM file of the certificate authorities that are trusted for connections to the endpoint. Replaces the system's.",
    ),
    timeout: field.duration('5s', 'How long Peerproof waits for one answer of the endpoint.'),
    keep: field.duration('24h', 'How long the last bundle is used while the endpoint does not answer.'),
    allowInsecureHttp: field.flag('Allows plain http to a host other than this machine.'),
  })
  .describe(
    'A SPIFFE trust domain. If it has a bundle, the certificate of each of its peers must chain to it.',
  );

export const peers = z
  .strictObject({
    from: z
      .array(z.enum(peerSources))
      .min(1)
      .default(['attribute', 'xfcc', 'principal'])
      .describe('Where the peer is read from. The first source that holds a peer is used.'),
    trustDomains: z
      .record(field.trustDomain, trustDomain.nullable())
      .optional()
      .describe('The accepted SPIFFE trust domains. Default: no SPIFFE ID is accepted.'),
    gateways: field.list(
      field.spiffePattern,
      'Proxies in SANITIZE_SET mode. What such a proxy says about its own peer is accepted.',
    ),
    waypoints: field.list(
      field.spiffePattern,
      'Ambient waypoints with `xfcc-include-client-identity`. Over gRPC their `By` names the workload for `destinations`; that of other proxies does not.',
    ),
    clockSkew: field.duration('0s', 'Tolerance for the validity period of a certificate.'),
  })
  .describe('The peers: the other ends of the mTLS connections of the proxies.');

const workloads = z.array(field.spiffePattern).min(1, 'must hold at least one SPIFFE ID');
export const client = z
  .union([
    workloads.transform((list) => ({ workloads: list, issuers: undefined })),
    z.strictObject({ workloads, issuers: z.array(field.name).min(1).optional() }),
  ])
  .describe('The workloads that an OAuth client runs as, for tokens of all issuers or of the named ones.');
