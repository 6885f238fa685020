import type { ConfigInput } from '../../src/config/schema.ts';
import { startAllOrNothing } from './all-or-nothing.ts';
import { type App, startApp, startGrpcEcho, startTcpEcho } from './app.ts';
import { type Ca, createCa, type Issued } from './ca.ts';
import { type Answer, type ClientTls, type RequestParts, request, type Target } from './client.ts';
import { type Envoy, type GrpcAuthorizer, type Listener, type ListenerTls, startEnvoy } from './envoy.ts';
import { QUERY_SECRET } from './envoy-test.ts';
import { IDS, type Who } from './identities.ts';
import { type JwksServer, type JwksServerOptions, startJwksServer } from './jwks-server.ts';
import { type Claims, createSigner, type JwtSigner } from './jwt-signer.ts';
import { type LogLine, type Peerproof, startPeerproof } from './peerproof.ts';

export { IDS, type Who };

/** What stands before Peerproof and Envoy are started. */
export interface MeshParts {
  readonly ca: Ca;
  readonly who: Readonly<Record<Who, Issued>>;
  readonly app: App;
  readonly grpcEcho: App;
  readonly tcpEcho: App;
  readonly issuer: JwksServer;
  readonly signer: JwtSigner;
  /** The TLS side of a listener that runs beside this workload. */
  tls(who: Who, more?: Partial<ListenerTls>): ListenerTls;
}

export interface Send extends RequestParts {
  /** Nobody: without a client certificate. */
  who?: Who | Issued | undefined;
  /** TLS by default. */
  plain?: boolean;
  token?: string;
  protocol?: 'h1' | 'h2';
}

export interface Mesh extends MeshParts {
  readonly peerproof: Peerproof;
  readonly envoy: Envoy;
  /** Every token that was minted. */
  readonly tokens: readonly string[];
  /** A token that the client may use, without a `cnf`, unless `claims` has one. */
  mint(claims?: Claims, header?: Claims, by?: JwtSigner): string;
  clientTls(who?: Who | Issued): ClientTls;
  target(listener: string, send?: Pick<Send, 'who' | 'plain' | 'protocol'>): Target;
  /** Sends through Envoy, with a secret in the query. */
  send(listener: string, send?: Send): Promise<Answer>;
  /** The log line of the decision that led to this answer. */
  decisionOf(answer: Answer): LogLine;
  stop(): Promise<void>;
}

export interface MeshOptions {
  issuer?: JwksServerOptions;
  config(parts: MeshParts): Omit<ConfigInput, 'issuers'> & Partial<ConfigInput>;
  /** None: only Peerproof itself. */
  listeners?(parts: MeshListeners): Listener[];
}

/** What the listeners of Envoy are made from. A port that the configuration does not open is 0. */
export interface MeshListeners extends MeshParts {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metadataPort: number;
  readonly keysPort: number;
  readonly authorizer: GrpcAuthorizer;
}

/** A route that shows the application the dynamic metadata of the decision. */
export const SHOW_DECISION = {
  'x-decision-id': '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:decision_id)%',
  'x-metadata-subject': '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:subject)%',
};

/** Routes for gRPC and for everything else. */
export function routes(parts: MeshParts, { showDecision = true } = {}) {
  const shown = showDecision ? { requestHeadersToAdd: SHOW_DECISION } : {};
  return [
    {
      prefix: '/peerproof.test.',
      upstream: { port: parts.grpcEcho.port, protocol: 'http2' as const },
      ...shown,
    },
    { prefix: '/', ...shown },
  ];
}

/** Starts everything; when one part fails, what was started is ended again. */
export function startMesh(options: MeshOptions): Promise<Mesh> {
  return startAllOrNothing((cleanups) => build(options, cleanups));
}

async function startParts(
  options: MeshOptions,
  cleanups: (() => unknown)[],
): Promise<Omit<MeshParts, 'tls'>> {
  const ca = await createCa();
  const signer = createSigner('ES256');
  const who = {} as Record<Who, Issued>;
  for (const [name, id] of Object.entries(IDS)) who[name as Who] = await ca.svid(id);
  who.rotated = await ca.svid(IDS.client);
  const app = await startApp();
  cleanups.push(app.stop);
  const grpcEcho = await startGrpcEcho();
  cleanups.push(grpcEcho.stop);
  const tcpEcho = await startTcpEcho();
  cleanups.push(tcpEcho.stop);
  const issuer = await startJwksServer({ signers: [signer], ...options.issuer });
  cleanups.push(issuer.stop);
  return { ca, who, app, grpcEcho, tcpEcho, issuer, signer };
}

async function build(options: MeshOptions, cleanups: (() => unknown)[]): Promise<Omit<Mesh, 'stop'>> {
  const started = await startParts(options, cleanups);
  const { ca, who, issuer, signer } = started;
  const tls: MeshParts['tls'] = (name, more) => ({
    certPem: who[name].certPem,
    keyPem: who[name].keyPem,
    caPem: ca.certPem,
    ...more,
  });
  const parts: MeshParts = { ...started, tls };
  const config = options.config(parts);
  const peerproof = await startPeerproof({
    issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'] } },
    ...config,
  });
  cleanups.push(peerproof.drain);
  await peerproof.ready;
  const envoy = options.listeners
    ? await startEnvoy({
        listeners: options.listeners({
          ...parts,
          authorizer: { ports: [peerproof.grpcPort] },
          grpcPort: peerproof.grpcPort,
          httpPort: peerproof.httpPort,
          metadataPort: peerproof.metadataPort,
          keysPort: peerproof.keysPort,
        }),
      })
    : undefined;
  if (envoy) cleanups.push(envoy.stop);

  const tokens: string[] = [];
  const clientTls: Mesh['clientTls'] = (name) => {
    const issued = typeof name === 'string' ? who[name] : name;
    return { caPem: ca.certPem, ...(issued && { certPem: issued.certPem, keyPem: issued.keyPem }) };
  };
  const target: Mesh['target'] = (listener, { who: name, plain, protocol = 'h1' } = {}) => ({
    port: (envoy as Envoy).port(listener),
    protocol,
    ...(!plain && { tls: clientTls(name) }),
  });
  return {
    ...parts,
    peerproof,
    envoy: envoy as Envoy,
    tokens,
    clientTls,
    target,
    mint: (claims = {}, header = {}, by = signer) => {
      const now = Math.floor(Date.now() / 1000);
      const standard = { iss: issuer.issuer, aud: 'orders', sub: 'alice', iat: now, exp: now + 300 };
      const token = by.sign(
        { ...standard, client_id: 'orders-client', email_verified: true, ...claims },
        header,
      );
      tokens.push(token);
      return token;
    },
    send: (listener, { who: name, plain, token, protocol, path = '/', headers = [], ...more } = {}) =>
      request(target(listener, { who: name, plain: plain ?? false, protocol: protocol ?? 'h1' }), {
        ...more,
        path: `${path}${path.includes('?') ? '&' : '?'}q=${QUERY_SECRET}`,
        headers: [
          ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
          ...headers,
        ],
      }),
    decisionOf: (answer) => {
      if (answer.status !== 200) return peerproof.decision(answer.json().decision_id);
      const [id] = received(answer, 'x-decision-id');
      if (id !== undefined) return peerproof.decision(id);
      // No dynamic metadata comes from an answer over HTTP; Envoy gives each request an ID of its own.
      const [requestId] = received(answer, 'x-request-id');
      const lines = peerproof.decisions().filter((line) => line.request_id === requestId);
      if (lines.length !== 1) throw new Error(`${lines.length} log lines for request ${requestId}`);
      return lines[0];
    },
  };
}

/** The values of one header, as the application received it. */
export function received(answer: Answer, name: string): string[] {
  return answer
    .json()
    .headers.filter(([key]: [string]) => key === name)
    .map(([, value]: [string, string]) => value);
}
