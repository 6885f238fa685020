import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigner } from '../../support/jwt-signer.ts';
import { authority, certificates, fuzzConfig } from './world.ts';

/** Documents in which every setting stands at least once, and the files that they name. */
const signer = createSigner('ES256');

export const files: Readonly<Record<string, string>> = {
  'ca.pem': authority.certPem,
  'cert.pem': certificates.shop.certPem,
  'key.pem': certificates.shop.keyPem,
  'other-key.pem': certificates.till.keyPem,
  'keys.json': JSON.stringify({ keys: [signer.publicJwk] }),
  'key.pub': signer.publicPem,
  secret: 'secret\n',
  token: signer.sign({ iss: 'https://cluster.example' }),
  empty: '',
};

const everything = {
  listen: { grpc: '127.0.0.1:0', http: '[::1]:0', admin: '127.0.0.1:0' },
  grpc: {
    tls: { certFile: 'cert.pem', keyFile: 'key.pem', clientCaFile: 'ca.pem' },
    maxMessageBytes: 2_000_000,
    maxConcurrentStreams: 500,
  },
  http: {
    tls: { certFile: 'cert.pem', keyFile: 'key.pem' },
    pathPrefix: '/check',
    xfcc: { sidecar: 'spiffe://cluster.local/ns/a/sa/b' },
    forwardAuth: [
      {
        path: '/auth',
        proxies: ['10.0.0.0/8', '::1'],
        original: 'x-forwarded',
        certificateHeader: 'ssl-cert',
      },
    ],
  },
  realm: 'orders',
  identity: {
    preset: 'oauth2-proxy',
    claims: { email: '/a/b', preferredUsername: 'name', groups: '/realm/roles' },
    allowInsecureUnverifiedEmail: true,
    passAccessToken: true,
    passAuthorization: true,
    headers: { 'x-tenant': { claim: 'tenant' }, 'x-who': { from: 'x-forwarded-user' }, 'gap-auth': false },
  },
  issuers: {
    corp: {
      issuer: 'https://login.example.com',
      audiences: ['orders'],
      jwksUri: 'https://login.example.com/jwks',
      ca: 'ca.pem',
      accept: 'at+jwt',
      algorithms: ['ES256', 'RS256'],
      clockSkew: '10s',
      refresh: '1m',
      keep: '2h',
      coolDown: '10s',
      remember: '5s',
      timeout: '1s',
      allowInsecureHttp: false,
    },
    file: { issuer: 'https://file.example', audiences: ['orders'], jwks: 'keys.json' },
    inline: { issuer: 'https://inline.example', audiences: ['orders'], jwks: { keys: [signer.publicJwk] } },
    pem: {
      issuer: 'kubernetes/serviceaccount',
      keys: 'key.pub',
      allowInsecureNoAudience: true,
      allowInsecureNoExpiry: true,
    },
    discovered: { issuer: 'https://op.example/tenant/', audiences: ['orders'] },
    cluster: {
      kubernetes: { verify: 'both', apiServer: 'https://10.0.0.1:6443', tokenFile: 'token' },
      audiences: ['peerproof'],
      trustDomain: 'cluster.local',
    },
    spire: {
      issuer: 'https://spire.example',
      accept: 'jwt-svid',
      bundleEndpoint: 'https://spire.example/bundle',
      trustDomain: 'cluster.local',
      audiences: ['orders'],
    },
    opaque: {
      introspection: {
        endpoint: 'https://as.example.com/introspect',
        clientId: 'peerproof',
        authentication: 'private_key_jwt',
        keyFile: 'key.pem',
        keyId: 'k1',
        certFile: 'cert.pem',
        clientSecretFile: 'secret',
      },
      audiences: ['orders'],
    },
  },
  peers: {
    from: ['attribute', 'xfcc'],
    trustDomains: {
      'cluster.local': { bundle: 'ca.pem', keep: '1h' },
      'other.example': { bundleEndpoint: 'https://other.example/bundle', ca: 'ca.pem', timeout: '2s' },
      plain: null,
    },
    gateways: ['spiffe://cluster.local/ns/istio-system/sa/*'],
    clockSkew: '1s',
  },
  clients: {
    shop: ['spiffe://cluster.local/ns/a/sa/**'],
    till: { workloads: ['spiffe://plain/x'], issuers: ['corp'] },
  },
  rules: [
    { name: 'health', match: { paths: ['/healthz'], methods: ['GET'] }, public: true },
    {
      name: 'all',
      match: { hosts: ['orders.*', '**.example.com'], paths: ['/orders/**'], context: { a: 'b' } },
      require: {
        issuers: ['corp', 'opaque'],
        scopes: ['a'],
        claims: { tenant: ['blue', 7], '/a/b': true },
        serviceAccounts: ['a/*'],
        namespaces: ['a'],
        pods: ['a/b'],
        when: "claims.a == 'b' && request.method in ['GET', 'POST']",
        peers: ['spiffe://cluster.local/**'],
        credential: 'bearer',
        binding: ['certificate', 'workload', 'none'],
      },
    },
    {
      name: 'token',
      match: { paths: ['/token'] },
      require: { credential: 'client-assertion', issuers: ['cluster'] },
    },
    {
      name: 'tcp',
      match: { protocol: 'tcp', ports: [5432], destinations: ['spiffe://plain/*'] },
      public: true,
    },
  ],
  limits: {
    tokenLength: 1_000,
    checkTimeout: '1s',
    waitingChecks: 10,
    eventLoopDelay: '2s',
    tokenMemory: '0',
    certificateMemory: '4Ki',
  },
  drain: { delay: '0ms', timeout: '1s' },
};

const small = {
  issuers: { corp: { issuer: 'https://login.example.com', audiences: ['orders'], jwks: 'keys.json' } },
  rules: [{ name: 'all' }],
};

/** As a person who knows YAML writes it. */
export const handwritten = `# Peerproof
issuers:
  corp: &corp
    issuer: https://login.example.com
    audiences: [orders, "billing"]
    jwks: {keys: [${JSON.stringify(signer.publicJwk)}]}
  other:
    issuer: 'https://other.example'
    audiences: &list
    - orders
    - ! tagged
    jwks: keys.json
peers:
  trustDomains: {cluster.local: {}}
rules:
- name: one
  match: {paths: [/a/**], hosts: ["*.example.com"]}
  require:
    scopes: *list
    when: >-
      claims.a ==
      'b'
- {name: two, public: true}
`;

/** The JWK Set stands in the document itself, where a text edit can reach it. */
export const documents: readonly object[] = [
  everything,
  small,
  { ...fuzzConfig, issuers: { ...fuzzConfig.issuers, single: everything.issuers.pem } },
];

/** A folder with the files; removed when the process ends. */
export function folderOfFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-fuzz-config-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
