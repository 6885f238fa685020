import { createHmac } from 'node:crypto';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createCa, type Issued } from '../support/ca.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { type Claims, createSigner, encodePart } from '../support/jwt-signer.ts';
import { inlineIssuer, OTHER_ISSUER } from '../support/token-fixture.ts';

/** Whom and what the cases of door-parity.test.ts speak of: one configuration with a rule of each kind. */

export const IDS = {
  client: 'spiffe://cluster.local/ns/applications/sa/client',
  thief: 'spiffe://cluster.local/ns/applications/sa/thief',
  gateway: 'spiffe://cluster.local/ns/istio-system/sa/gateway',
  orders: 'spiffe://cluster.local/ns/applications/sa/orders',
  foreign: 'spiffe://evil.example/ns/applications/sa/client',
} as const;

const DAY = 86_400_000;
const ca = await createCa({ notBefore: new Date(Date.now() - 9 * DAY) });
const past = { notBefore: new Date(Date.now() - 3 * DAY), notAfter: new Date(Date.now() - DAY) };
const future = { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 2 * DAY) };
export const certificates = {
  client: await ca.svid(IDS.client),
  thief: await ca.svid(IDS.thief),
  gateway: await ca.svid(IDS.gateway),
  foreign: await ca.svid(IDS.foreign),
  partner: await ca.issue({ subject: 'CN=partner' }),
  expired: await ca.svid(IDS.client, past),
  early: await ca.svid(IDS.client, future),
  authority: await ca.svid(IDS.client, { isCa: true }),
} as const satisfies Record<string, Issued>;

export const corp = createSigner('ES256');
export const partner = createSigner('ES256');
export const stranger = createSigner('ES256');

export const issuer: JwksServer = await startJwksServer({ signers: [corp] });
export const dead: JwksServer = await startJwksServer();
await dead.stop();

const none = { binding: ['none' as const] };

export const config: ConfigInput = {
  http: { xfcc: 'direct' },
  realm: 'orders',
  issuers: {
    corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '1h' },
    dead: { issuer: dead.issuer, audiences: ['orders'], coolDown: '1h' },
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER, audiences: ['orders'], accept: 'at+jwt' }),
  },
  peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
  clients: { 'orders-client': [IDS.client] },
  // Nothing is remembered: else the door that asks second would be told of it.
  limits: { tokenLength: 8192, tokenMemory: 0 },
  rules: [
    { name: 'public', match: { paths: ['/healthz'] }, public: true },
    { name: 'context', match: { paths: ['/context'], context: { policy: 'x' } }, public: true },
    {
      name: 'strict',
      match: { hosts: ['orders.**'], methods: ['POST'], paths: ['/strict/**'] },
      require: {
        issuers: ['corp'],
        scopes: ['orders.write'],
        claims: { tenant: 'blue' },
        peers: ['spiffe://cluster.local/ns/applications/sa/*'],
        binding: ['certificate'],
      },
    },
    { name: 'bearer', match: { paths: ['/bearer/**'] }, require: none },
    { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['a', 'b'], ...none } },
    { name: 'claims', match: { paths: ['/claims'] }, require: { claims: { tenant: 'blue' }, ...none } },
    { name: 'account', match: { paths: ['/account'] }, require: { namespaces: ['prod'], ...none } },
    {
      name: 'condition',
      match: { paths: ['/condition'] },
      require: { when: "claims.tenant == request.headers['x-tenant'] && request.method == 'GET'", ...none },
    },
    { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
    { name: 'assertion', match: { paths: ['/token'] }, require: { credential: 'client-assertion' } },
    { name: 'orders', match: { paths: ['/orders/**'] } },
  ],
};

/** The claims of a token that is good for five minutes; `undefined` leaves one out. */
export function claims(more: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000);
  const standard = { iss: issuer.issuer, aud: 'orders', sub: 'alice', iat: now, exp: now + 300 };
  return { ...standard, client_id: 'orders-client', email_verified: true, ...more };
}

export const token = (more?: Claims, header?: Claims, by = corp) => by.sign(claims(more), header);
export const bound = (to: Issued, more: Claims = {}) =>
  token({ cnf: { 'x5t#S256': to.thumbprint }, client_id: 'none', ...more });

/** Signed with the public key as if it were a shared secret. */
export function hmacToken(): string {
  const input = `${encodePart({ alg: 'HS256', kid: corp.kid })}.${encodePart(claims())}`;
  return `${input}.${createHmac('sha256', corp.publicPem).update(input).digest('base64url')}`;
}

/** As the asking proxy writes it: its own name, the hash of its peer and the peer's name. */
export function element(issued: Issued, uri: string | undefined, more = ''): string {
  return `By=${IDS.orders};Hash=${issued.sha256Hex}${more};Subject=""${uri === undefined ? '' : `;URI=${uri}`}`;
}

export const xfcc = (who: 'client' | 'thief' | 'gateway' | 'foreign'): [string, string] => [
  'x-forwarded-client-cert',
  element(certificates[who], IDS[who]),
];
export const bearer = (value: string): [string, string] => ['authorization', `Bearer ${value}`];

/** What is asked through both doors, and what must come of it. */
export interface ParityCase {
  /** GET by default. */
  method?: string;
  /** orders.example.com by default. */
  host?: string;
  /** `/orders/1` by default. */
  path?: string;
  /** In order; a name may repeat. */
  headers?: readonly (readonly [string, string])[];
  /** What HTTP/2 itself refuses to carry. */
  only?: 'h1';
  status: number;
  reason: string;
  /** Where the preset oauth2-proxy decides otherwise. */
  asOauth2Proxy?: { status: number; reason: string };
  /** What the log line must say too. */
  line?: Record<string, unknown>;
}
