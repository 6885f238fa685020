import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { createSigner, encodePart } from '../test/support/jwt-signer.ts';
import { type OidcProvider, startOidcProvider } from '../test/support/oidc-provider.ts';
import { ids, type Workloads } from './workloads.ts';

/** The OAuth clients: both belong to the workload oauthclient; only tokens of the first are bound to a certificate. */
export const clients = { bound: 'oauthclient', plain: 'oauthclient-plain' } as const;

/** Resource indicators (RFC 8707), which choose audience and lifetime. */
export const resources = {
  orders: 'https://orders.applications.svc.cluster.local',
  ordersForOneSecond: 'https://orders.applications.svc.cluster.local/brief',
  billing: 'https://billing.applications.svc.cluster.local',
} as const;

export interface Tokens {
  /** With `cnf.x5t#S256`: the thumbprint of oauthclient's certificate. */
  readonly bound: string;
  /** Without `cnf`. */
  readonly plain: string;
  readonly expired: string;
  /** For another audience. */
  readonly billing: string;
  /** `bound` with `orders.write` written into its scope. */
  readonly edited: string;
  /** Well formed and signed, by an issuer that is not configured. */
  readonly stranger: string;
}

/** The issuer: `oidc-provider`, with client credentials, JWT access tokens and certificate-bound tokens (RFC 8705). */
export function startIssuer({ ca }: Workloads): Promise<OidcProvider> {
  const orders = { audience: 'orders', scope: 'orders.read orders.write', ttl: 3_600 };
  return startOidcProvider({
    ca,
    clients: [{ clientId: clients.bound, boundTokens: true }, { clientId: clients.plain }],
    resources: {
      [resources.orders]: orders,
      [resources.ordersForOneSecond]: { ...orders, ttl: 1 },
      [resources.billing]: { ...orders, audience: 'billing' },
    },
  });
}

/** Asks the issuer for all tokens, as oauthclient over mTLS; forges the others; waits until the brief one is over. */
export async function obtainTokens(issuer: OidcProvider, { oauthclient }: Workloads): Promise<Tokens> {
  const ask = (clientId: string, resource: string) =>
    issuer.token({ clientId, resource, scope: 'orders.read', certificate: oauthclient });
  const [bound, plain, expired, billing] = await Promise.all([
    ask(clients.bound, resources.orders),
    ask(clients.plain, resources.orders),
    ask(clients.bound, resources.ordersForOneSecond),
    ask(clients.bound, resources.billing),
  ]);
  const claims = decodeJwt(bound);
  const [header, , signature] = bound.split('.');
  const edited = [header, encodePart({ ...claims, scope: 'orders.read orders.write' }), signature].join('.');
  const stranger = createSigner('RS256').sign({ ...claims, iss: 'https://login.stranger.example' });
  await sleep(Math.max(0, (decodeJwt(expired).exp ?? 0) * 1000 - Date.now()));
  return { bound, plain, expired, billing, edited, stranger };
}

/** Editors complete the configuration with it. */
const schema = new URL('../peerproof.schema.json', import.meta.url).href;

/** The configuration that makes Peerproof accept these tokens, from these workloads, for that application. */
export function configuration(issuer: OidcProvider): string {
  return `# yaml-language-server: $schema=${schema}
# What Peerproof runs with in this demo: peerproof serve --config peerproof.yaml
listen: {grpc: '127.0.0.1:0', admin: '127.0.0.1:0'} # 0: any free port

issuers:
  demo:
    issuer: ${issuer.issuer}
    audiences: [orders]
    ca: ca.pem
    accept: at+jwt # RFC 9068
    clockSkew: 0s # one machine, one clock; the default of 30s would make the demo wait

peers:
  trustDomains: {cluster.local: {}}

# The workloads of each client. With this, a token stays usable after the certificate of its workload is rotated.
clients:
  ${clients.bound}: [${ids.oauthclient}]
  ${clients.plain}: [${ids.oauthclient}]

# The first rule that matches is used. A request that matches no rule is denied. These rules only apply at orders: a sidecar
# accepts every Host, so destinations names the certificate of the sidecar.
rules: []
workloads:
  orders:
    destinations: [${ids.orders}]
    rules:
      - name: read
        match: {methods: [GET], paths: [/orders/**]}
        require: {scopes: [orders.read], binding: [certificate, workload]}
      - name: write
        match: {methods: [POST], paths: [/orders]}
        require: {scopes: [orders.write], binding: [certificate, workload]}
      - name: payments # the certificate itself, nothing else
        match: {paths: [/payments]}
        require: {binding: [certificate]}
      - name: health
        match: {paths: [/healthz]}
        public: true

drain: {delay: 0ms, timeout: 2s}
`;
}
