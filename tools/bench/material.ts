import { createCa, type Issued } from '../../test/support/ca.ts';
import { createSigner, encodePart, type JwtSigner } from '../../test/support/jwt-signer.ts';
import { frameOf } from './frame.ts';

/** How many tokens there are, each of another subject. */
export const tokenCount = 2000;
const peerCount = 16;

const issuer = 'https://login.example.com';
const domain = 'spiffe://cluster.local';

/** Everything that is made before the clock runs. */
export interface Material {
  /** Of Peerproof, as far as every row shares it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly signers: { readonly RS256: JwtSigner; readonly ES256: JwtSigner };
  readonly tokens: Readonly<Record<'RS256' | 'ES256', readonly string[]>>;
  readonly peer: Issued;
  /** Checks of the workloads that the tokens were issued to. */
  readonly frames: Readonly<Record<'RS256' | 'ES256', readonly Buffer[]>>;
  /** The same RS256 tokens, sent by a workload that stole them. */
  readonly stolen: readonly Buffer[];
  /** A good token with a claim changed and its old signature. */
  readonly tampered: Readonly<Record<'RS256' | 'ES256', Buffer>>;
  /** The decoded form of the first RS256 check. */
  readonly request: object;
}

/** Keys, certificates, tokens and the checks that carry them. Takes a second or two: RSA signs slowly. */
export async function createMaterial(): Promise<Material> {
  const ca = await createCa();
  const names = Array.from(
    { length: peerCount },
    (_, index) => `${domain}/ns/applications/sa/orders-${index}`,
  );
  const peers = await Promise.all(
    names.map(async (name) => ({ name, certificate: await ca.svid(name, { subject: '' }) })),
  );
  const [first] = peers as [Peer];
  const thief = {
    name: `${domain}/ns/applications/sa/thief`,
    certificate: await ca.svid(`${domain}/ns/applications/sa/thief`),
  };
  const signers = { RS256: createSigner('RS256'), ES256: createSigner('ES256') };
  const peerOf = (index: number) => peers[index % peerCount] as Peer;
  const tokensOf = (signer: JwtSigner) =>
    Array.from({ length: tokenCount }, (_, index) => signer.sign(claims(index, peerOf(index))));
  const tokens = { RS256: tokensOf(signers.RS256), ES256: tokensOf(signers.ES256) };
  const frames = (list: readonly string[], peer: (index: number) => Peer) =>
    list.map((token, index) => frameOf(checkRequest(token, peer(index), index)));
  const tamper = (token = '') => {
    const [header, , signature] = token.split('.');
    const forged = [header, encodePart({ ...claims(0, first), sub: 'admin' }), signature].join('.');
    return frameOf(checkRequest(forged, first, 0));
  };
  return {
    config: {
      listen: { grpc: '127.0.0.1:0', admin: '127.0.0.1:0' },
      issuers: {
        corp: {
          issuer,
          audiences: ['orders'],
          jwks: { keys: [signers.RS256.publicJwk, signers.ES256.publicJwk] },
        },
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      rules: [
        { name: 'health', match: { paths: ['/healthz'] }, public: true },
        {
          name: 'read-orders',
          match: { hosts: ['orders.**'], methods: ['GET'], paths: ['/orders/**'] },
          require: { scopes: ['orders.read'] },
        },
        {
          name: 'write-orders',
          match: { hosts: ['orders.**'], methods: ['POST'], paths: ['/orders/**'] },
          require: {
            issuers: ['corp'],
            scopes: ['orders.write'],
            peers: [`${domain}/ns/applications/sa/*`],
            binding: ['certificate', 'workload'],
          },
        },
      ],
      drain: { delay: '0ms', timeout: '2s' },
    },
    signers,
    tokens,
    peer: first.certificate,
    frames: { RS256: frames(tokens.RS256, peerOf), ES256: frames(tokens.ES256, peerOf) },
    stolen: frames(tokens.RS256, () => thief),
    tampered: { RS256: tamper(tokens.RS256[0]), ES256: tamper(tokens.ES256[0]) },
    request: checkRequest(tokens.RS256[0] ?? '', first, 0),
  };
}

interface Peer {
  readonly name: string;
  readonly certificate: Issued;
}

function claims(index: number, { certificate }: Peer): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    sub: `user-${index}`,
    aud: ['orders'],
    client_id: 'storefront',
    scope: 'openid orders.read orders.write',
    groups: ['sales', 'support'],
    jti: `a3f1c2d4-${String(index).padStart(8, '0')}`,
    iat: now,
    exp: now + 3600,
    cnf: { 'x5t#S256': certificate.thumbprint },
  };
}

/** A check as a sidecar of Istio sends it, with `include_peer_certificate` and with XFCC. */
function checkRequest(token: string, { name, certificate }: Peer, index: number): object {
  const own = `${domain}/ns/applications/sa/orders`;
  const headers = {
    ':authority': 'orders.applications.svc.cluster.local',
    ':method': 'POST',
    ':path': `/orders/${index}/items?expand=price`,
    ':scheme': 'https',
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate',
    authorization: `Bearer ${token}`,
    'content-length': '148',
    'content-type': 'application/json',
    traceparent: `00-4bf92f3577b34da6a3ce929d${index.toString(16).padStart(8, '0')}-00f067aa0ba902b7-01`,
    'user-agent': 'storefront/2.11 (linux; x64)',
    'x-forwarded-client-cert': `By=${own};Hash=${certificate.sha256Hex};Subject="";URI=${name}`,
    'x-forwarded-proto': 'https',
    'x-request-id': `6f1a5c0e-6a0c-4b1d-9d58-${index.toString(16).padStart(12, '0')}`,
  };
  return {
    attributes: {
      source: {
        address: { socketAddress: { address: '10.42.3.17', portValue: 40_000 + index } },
        principal: name,
        certificate: certificate.urlEncodedPem,
      },
      destination: {
        address: { socketAddress: { address: '10.42.1.9', portValue: 8080 } },
        principal: own,
      },
      request: {
        time: { seconds: Math.floor(Date.now() / 1000), nanos: 123_456_000 },
        http: {
          id: String(7_000_000_000 + index),
          method: 'POST',
          headers,
          path: headers[':path'],
          host: headers[':authority'],
          scheme: 'https',
          size: 148,
          protocol: 'HTTP/1.1',
        },
      },
      metadataContext: {},
      tlsSession: { sni: 'outbound_.8080_._.orders.applications.svc.cluster.local' },
    },
  };
}
