import type { ConfigInput } from '../../../src/config/schema.ts';
import { createCa, type Issued } from '../../support/ca.ts';
import { type CheckWorld, createCheckWorld, NOW } from '../../support/check-world.ts';
import { createSigner, type JwtSigner } from '../../support/jwt-signer.ts';

/**
 * The world that is fuzzed: one configuration with each kind of issuer, peer, rule and identity that decides by what was
 * sent alone. Everything that may pass in it was made here, so whatever passes can be held against it.
 */
export const TRUST_DOMAIN = 'cluster.local';
export const IDS = {
  shop: `spiffe://${TRUST_DOMAIN}/ns/applications/sa/shop`,
  till: `spiffe://${TRUST_DOMAIN}/ns/applications/sa/till`,
  gateway: `spiffe://${TRUST_DOMAIN}/ns/istio-system/sa/gateway`,
  foreign: 'spiffe://evil.example/ns/applications/sa/shop',
} as const;

/** The issuers by name: what their tokens have to say, and who signs them. */
export interface FuzzIssuer {
  readonly iss: string | undefined;
  readonly audience: string;
  readonly signers: readonly JwtSigner[];
}

const pem = createSigner('RS256', { kid: null });
export const issuers = {
  corp: {
    iss: 'https://login.example.com',
    audience: 'orders',
    signers: [createSigner('ES256'), createSigner('EdDSA'), createSigner('RS256')],
  },
  partner: { iss: 'https://partner.example.net', audience: 'partners', signers: [createSigner('PS256')] },
  // Its one key stands alone and fits every `kid`.
  single: { iss: 'https://single.example.com', audience: 'orders', signers: [pem] },
  cluster: { iss: 'https://kubernetes.example', audience: 'peerproof', signers: [createSigner('ES384')] },
  // JWT-SVIDs have no `iss`.
  spire: { iss: undefined, audience: 'orders', signers: [createSigner('ES256')] },
} as const satisfies Record<string, FuzzIssuer>;
export type IssuerName = keyof typeof issuers;
/** A signer whose keys are not configured. */
export const stranger = createSigner('ES256');

const ca = await createCa({
  notBefore: new Date(NOW - 86_400_000),
  notAfter: new Date(NOW + 86_400_000),
  pathLength: 1,
});
const validity = { notBefore: new Date(NOW - 3_600_000), notAfter: new Date(NOW + 3_600_000) };
export const authority = ca;
export const intermediate = await ca.intermediate({ ...validity, pathLength: 0 });
const otherCa = await createCa(validity);
export const certificates = {
  shop: await ca.svid(IDS.shop, validity),
  till: await ca.svid(IDS.till, { ...validity, keyType: 'rsa2048' }),
  gateway: await ca.svid(IDS.gateway, { ...validity, keyType: 'ed25519' }),
  foreign: await ca.svid(IDS.foreign, validity),
  nameless: await ca.issue({ ...validity, dns: ['shop.example.com'] }),
  behind: await intermediate.svid(IDS.shop, validity),
  selfMade: await otherCa.svid(IDS.shop, validity),
  odd: await ca.svid(IDS.shop, { ...validity, uris: [IDS.shop, IDS.till] }),
  late: await ca.svid(IDS.shop, {
    notBefore: new Date(NOW - 7_200_000),
    notAfter: new Date(NOW - 3_600_000),
  }),
} satisfies Record<string, Issued>;
export type CertificateName = keyof typeof certificates;

const jwks = (list: readonly JwtSigner[]) => ({ keys: list.map(({ publicJwk }) => publicJwk as never) });

export const PUBLIC_PATH = '/healthz';

function config(trustDomain: object, more: Partial<ConfigInput> = {}): ConfigInput {
  return {
    issuers: {
      corp: { issuer: issuers.corp.iss, audiences: ['orders', 'billing'], jwks: jwks(issuers.corp.signers) },
      partner: {
        issuer: issuers.partner.iss,
        audiences: ['partners'],
        accept: 'at+jwt',
        jwks: jwks(issuers.partner.signers),
      },
      single: { issuer: issuers.single.iss, audiences: ['orders'], keys: 'single.pub' },
      cluster: {
        issuer: issuers.cluster.iss,
        audiences: ['peerproof'],
        accept: 'service-account',
        trustDomain: TRUST_DOMAIN,
        jwks: jwks(issuers.cluster.signers),
      },
      spire: {
        issuer: 'https://spire.example',
        audiences: ['orders'],
        accept: 'jwt-svid',
        jwks: jwks(issuers.spire.signers),
        trustDomain: TRUST_DOMAIN,
      },
    },
    peers: {
      from: ['attribute', 'xfcc', 'principal', 'x-client-certificate'],
      trustDomains: { [TRUST_DOMAIN]: trustDomain },
      gateways: [IDS.gateway],
    },
    clients: { shop: [IDS.shop], till: { workloads: [IDS.till], issuers: ['partner'] } },
    rules: [
      { name: 'health', match: { paths: [PUBLIC_PATH] }, public: true },
      { name: 'bearer', match: { paths: ['/bearer'] }, require: { binding: ['none'] } },
      {
        name: 'token',
        match: { paths: ['/token'], methods: ['POST'] },
        require: { credential: 'client-assertion' },
      },
      {
        name: 'strict',
        match: { hosts: ['orders.*.com'], paths: ['/strict/**'], context: { policy: 'orders' } },
        require: {
          issuers: ['corp'],
          scopes: ['orders.write'],
          claims: { tenant: 'blue', '/realm/roles': ['clerk', 7] },
          when: "claims.level > 2 && request.headers['x-tenant'] == claims.tenant && !token.scopes.exists(s, s == 'guest')",
        },
      },
      { name: 'bound', match: { paths: ['/orders/**'] } },
      { name: 'echo', match: { protocol: 'tcp', ports: [7] }, public: true },
      { name: 'database', match: { protocol: 'tcp' }, require: { peers: [IDS.shop] } },
    ],
    ...more,
  };
}

/** The configuration as a document, for fuzzing it. */
export const fuzzConfig = config({});

/**
 * Without a bundle, where the proxy's word about a certificate counts, and with one; the second gives everything away to
 * the application that can be given away, under the names of oauth2-proxy and some of its own.
 */
export interface FuzzWorld extends CheckWorld {
  readonly chained: boolean;
}

/** Files are read once, when the configuration is checked; these stay in memory and come from a folder that is gone then. */
async function create(chained: boolean): Promise<FuzzWorld> {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-fuzz-'));
  try {
    const key = join(folder, 'single.pub');
    const bundle = join(folder, 'bundle.pem');
    await writeFile(key, pem.publicPem);
    await writeFile(bundle, ca.certPem);
    const identity: ConfigInput['identity'] = {
      preset: 'oauth2-proxy',
      passAccessToken: true,
      passAuthorization: true,
      headers: {
        'x-tenant': { claim: 'tenant' },
        'x-who': { from: 'x-auth-request-user' },
        'gap-auth': false,
      },
    };
    const made = config(chained ? { bundle } : {}, chained ? { identity } : {});
    const single = { ...made.issuers?.single, keys: key };
    const world = await createCheckWorld({ ...made, issuers: { ...made.issuers, single } as never });
    // Its sources have read their files and would only look for them again.
    world.stop();
    return { ...world, chained };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const worlds: readonly FuzzWorld[] = [await create(false), await create(true)];
