import { randomBytes, randomUUID } from 'node:crypto';
import type { Issued } from '../../test/support/ca.ts';
import type { Claims, JwtSigner } from '../../test/support/jwt-signer.ts';
import { oddHeaders, oddPath, oddToken } from './odd.ts';

/** The kinds of checks, how often each is sent, and the expected answer. */

export const TRUST_DOMAIN = 'cluster.local';
/** Characters: the default of `limits.tokenLength`. */
const LONGEST = 16_384;
/** The beginning of active opaque tokens. */
export const YES = 'active-';

/** `status.code` of the answers: 0 is an allow, 16 a 401, 7 any other refusal. */
const LET_IN = 0;
const DENIED = 7;
const UNAUTHENTICATED = 16;

/** The parts from which a thread makes checks. */
export interface Material {
  readonly signer: JwtSigner;
  readonly issuer: string;
  readonly certificates: readonly { readonly spiffeId: string; readonly issued: Issued }[];
  /** Never the same twice. */
  readonly number: number;
}

interface Parts {
  readonly token?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly principal?: string;
  /** The certificate of the peer, as Envoy writes it. */
  readonly certificate?: string;
  readonly hash?: string;
}

export interface Kind {
  readonly name: string;
  /** How many of a hundred checks. */
  readonly share: number;
  readonly expected: readonly number[];
  /** Whether its token is new. */
  readonly newToken: boolean;
  make(material: Material): Parts;
}

const good = { expected: [LET_IN], newToken: true };
const bad = { expected: [UNAUTHENTICATED], newToken: true };

export const kinds: readonly Kind[] = [
  {
    ...{ name: 'bound to a certificate', share: 36, ...good },
    make: (material) => {
      const { spiffeId, issued } = certificateOf(material);
      const token = sign(material, { cnf: { 'x5t#S256': issued.thumbprint } });
      return { token, principal: spiffeId, certificate: issued.urlEncodedPem, hash: issued.sha256Hex };
    },
  },
  {
    // As long as the limit allows, with the content that takes the most memory for its length.
    ...{ name: 'as large as may be', share: 4, ...good },
    make: (material) => {
      const claims = { client_id: 'storefront', lists: Array.from({ length: 1_800 }, () => []), more: '' };
      const room = Math.floor((LONGEST - sign(material, claims).length) * 0.75) - 3;
      const token = sign(material, { ...claims, more: 'm'.repeat(room) });
      return { token, principal: workload('storefront') };
    },
  },
  {
    ...{ name: 'bound to a certificate never seen before, by its hash', share: 24, ...good },
    make: (material) => {
      const hash = randomBytes(32);
      const token = sign(material, { cnf: { 'x5t#S256': hash.toString('base64url') } });
      return { token, principal: workload('storefront'), hash: hash.toString('hex') };
    },
  },
  {
    ...{ name: 'bound to a workload never seen before', share: 16, ...good },
    make: (material) => ({
      token: sign(material, { client_id: 'storefront' }),
      principal: workload(`storefront-${material.number}`),
    }),
  },
  {
    ...{ name: 'unknown kid', share: 6, ...bad },
    make: (material) => ({ token: sign(material, {}, { kid: randomUUID() }) }),
  },
  {
    ...{ name: 'unknown issuer', share: 4, ...bad },
    make: (material) => ({ token: sign(material, { iss: `https://stranger-${material.number}.example` }) }),
  },
  {
    ...{ name: 'stolen', share: 2, ...bad },
    make: (material) => {
      const { issued } = certificateOf(material);
      return {
        token: sign(material, { cnf: { 'x5t#S256': issued.thumbprint } }),
        principal: workload('thief'),
        hash: randomBytes(32).toString('hex'),
      };
    },
  },
  {
    ...{ name: 'forged', share: 2, ...bad },
    make: (material) => ({
      token: `${sign(material).slice(0, -86)}${randomBytes(64).toString('base64url')}`,
    }),
  },
  {
    ...{ name: 'odd token', share: 2, expected: [UNAUTHENTICATED, DENIED], newToken: true },
    make: ({ number }) => ({ token: oddToken(number) }),
  },
  {
    ...{ name: 'odd request', share: 2, expected: [UNAUTHENTICATED, DENIED], newToken: false },
    make: ({ number }) => ({ path: oddPath(number), headers: oddHeaders(number) }),
  },
  {
    ...{ name: 'opaque, active', share: 1, ...good },
    make: () => ({ token: `${YES}${randomUUID()}`, principal: workload('storefront') }),
  },
  {
    ...{ name: 'opaque, unknown', share: 1, ...bad },
    make: () => ({ token: randomUUID(), principal: workload('storefront') }),
  },
];

/** The order of the kinds: mixed, and the same in each hundred. */
export const order: readonly number[] = kinds
  .flatMap(({ share }, index) =>
    Array.from({ length: share }, (_, turn) => ({ index, at: (turn + 0.5) / share })),
  )
  .sort((a, b) => a.at - b.at)
  .map(({ index }) => index);

/** A check as a sidecar sends it. */
export function checkOf(
  { token, path, headers, principal, certificate, hash }: Parts,
  number: number,
): object {
  const xfcc = hash && `By=${workload('orders')};Hash=${hash};Subject="";URI=${principal}`;
  return {
    attributes: {
      ...(principal && { source: { principal, ...(certificate && { certificate }) } }),
      destination: { principal: workload('orders') },
      request: {
        http: {
          method: 'POST',
          host: `orders-${number % 977}.applications.svc.cluster.local`,
          path: path ?? `/orders/${number}/items?page=${number}`,
          headers: {
            'user-agent': 'storefront/2.11',
            'x-request-id': `soak-${number}`,
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(xfcc && { 'x-forwarded-client-cert': xfcc }),
            ...headers,
          },
        },
      },
    },
  };
}

export function workload(name: string): string {
  return `spiffe://${TRUST_DOMAIN}/ns/applications/sa/${name}`;
}

function certificateOf({ certificates, number }: Material) {
  return certificates[number % certificates.length] as Material['certificates'][number];
}

function sign({ signer, issuer, number }: Material, claims: Claims = {}, header: Claims = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const standard = { iss: issuer, aud: ['orders'], sub: `user-${number}`, iat: now, exp: now + 300 };
  return signer.sign({ ...standard, jti: randomUUID(), scope: 'orders.write', ...claims }, header);
}
