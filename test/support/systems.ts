import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type ApiServer, startApiServer } from './api-server.ts';
import { createCa } from './ca.ts';
import { type JwksServer, startJwksServer } from './jwks-server.ts';
import { createSigner, type JwtSigner } from './jwt-signer.ts';
import { type Mesh, routes, startMesh } from './mesh.ts';
import { type OidcProvider, startOidcProvider } from './oidc-provider.ts';
import { freePort } from './ports.ts';

/** The issuers of the five systems, each real or standing in for one, and a mesh in which all of them are known. */
export interface Systems {
  readonly mesh: Mesh;
  /** Asked by TokenReview alone, and after the signature. */
  readonly reviewed: ApiServer;
  readonly both: ApiServer;
  /** Known by its keys alone; its issuer URL ends with a slash. */
  readonly managed: ApiServer;
  readonly spire: { readonly server: JwksServer; readonly signer: JwtSigner };
  readonly oidc: OidcProvider;
  stop(): Promise<void>;
}

export const TOKEN_ENDPOINT = 'https://as.example.com';
const jwtApi = 'https://orders.example.com';
const opaqueApi = 'https://opaque.example.com';
export const APIS = { jwt: jwtApi, opaque: opaqueApi };

export async function startSystems(): Promise<Systems> {
  const directory = mkdtempSync(join(tmpdir(), 'peerproof-systems-'));
  const cleanups: (() => unknown)[] = [() => rmSync(directory, { recursive: true })];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  try {
    const ca = await createCa();
    const caller = 'own-token-of-peerproof';
    const port = await freePort();
    const clusters = await Promise.all([
      startApiServer({ ca, caller }),
      startApiServer({ ca, caller }),
      startApiServer({ ca, caller, port, issuer: `https://127.0.0.1:${port}/` }),
    ]);
    cleanups.push(...clusters.map((cluster) => () => cluster.stop()));
    const [reviewed, both, managed] = clusters;
    const signer = createSigner('ES256');
    const server = await startJwksServer({ signers: [signer] });
    cleanups.push(server.stop);
    const oidc = await startOidcProvider({
      ca,
      clients: [
        { clientId: 'oauthclient', scope: 'products' },
        { clientId: 'bound', scope: 'products', boundTokens: true },
        { clientId: 'authorizer' },
      ],
      resources: {
        [jwtApi]: { audience: jwtApi, scope: 'products' },
        [opaqueApi]: { audience: opaqueApi, scope: 'products', format: 'opaque' },
      },
    });
    cleanups.push(oidc.stop);
    // The cluster that Peerproof itself runs in: its issuer is read from the token of the pod.
    const podToken = both.issue({ namespace: 'peerproof', name: 'peerproof', audiences: [both.url] });
    both.setCaller(podToken);
    const caFile = file('ca.pem', ca.certPem);
    const tokenFile = file('own-token', caller);
    const asked = {
      ca: caFile,
      audiences: [TOKEN_ENDPOINT, 'hello', 'a "quoted" audience'],
      timeout: '3s',
    };
    const issuers: ConfigInput['issuers'] = {
      reviewed: {
        ...asked,
        issuer: reviewed.issuer,
        kubernetes: { verify: 'tokenReview', apiServer: reviewed.url, tokenFile },
      },
      both: {
        ...asked,
        kubernetes: { verify: 'both', apiServer: both.url, tokenFile: file('pod-token', podToken) },
      },
      managed: { ...asked, issuer: managed.issuer, kubernetes: { verify: 'jwks', tokenFile } },
      spire: { issuer: server.issuer, accept: 'jwt-svid', audiences: [TOKEN_ENDPOINT] },
      jwt: { issuer: oidc.issuer, ca: caFile, accept: 'at+jwt', audiences: [jwtApi] },
      opaque: {
        ca: caFile,
        introspection: {
          endpoint: oidc.introspectionEndpoint,
          clientId: 'authorizer',
          clientSecretFile: file('secret', oidc.clientSecret('authorizer')),
        },
        audiences: [opaqueApi],
      },
    };
    const mesh = await startMesh({
      config: () => ({
        issuers,
        peers: { trustDomains: { 'cluster.local': {} } },
        clients: { oauthclient: ['spiffe://cluster.local/ns/applications/sa/client'] },
        limits: { checkTimeout: '900ms' },
        rules: [
          { name: 'token', match: { paths: ['/token'] }, require: { credential: 'client-assertion' } },
          {
            name: 'hello',
            match: { paths: ['/hello'] },
            require: { serviceAccounts: ['applications/client'] },
          },
          { name: 'pods', match: { paths: ['/pods'] }, require: { pods: ['applications/client-0'] } },
          {
            name: 'opaque',
            match: { paths: ['/opaque'] },
            require: { issuers: ['opaque'], scopes: ['products'] },
          },
          {
            name: 'orders',
            match: { paths: ['/orders'] },
            require: { issuers: ['jwt'], scopes: ['products'] },
          },
          { name: 'rest' },
        ],
      }),
      listeners: (parts) => {
        const guarded = {
          mtls: parts.tls('orders', { requireClientCertificate: false }),
          upstream: { port: parts.app.port },
          routes: routes(parts),
        };
        // A busy machine needs more than 100 ms for the way back. Shorter than the 3 s of an issuer that hangs, so an answer
        // that waits for the issuer is still late.
        const extAuthz = { grpc: parts.authorizer, istioPair: true, timeoutMs: 2_500 };
        const withRequestBody = { maxRequestBytes: 8_192, allowPartialMessage: true };
        return [
          { name: 'api', ...guarded, extAuthz },
          { name: 'token', ...guarded, extAuthz: { ...extAuthz, withRequestBody } },
          {
            name: 'token-bytes',
            ...guarded,
            extAuthz: { ...extAuthz, withRequestBody: { ...withRequestBody, packAsBytes: true } },
          },
        ];
      },
    });
    cleanups.push(mesh.stop);
    return { mesh, reviewed, both, managed, spire: { server, signer }, oidc, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A ServiceAccount token as the kubelet projects it. */
export function projected(cluster: ApiServer, more: Partial<Parameters<ApiServer['issue']>[0]> = {}): string {
  return cluster.issue({
    namespace: 'applications',
    name: 'client',
    pod: 'client-0',
    audiences: [TOKEN_ENDPOINT],
    ...more,
  });
}
