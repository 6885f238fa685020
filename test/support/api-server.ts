import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Ca } from './ca.ts';
import { type ClusterTokens, createClusterTokens } from './cluster-tokens.ts';
import { upAndDown } from './listening.ts';
import { freePort } from './ports.ts';
import { forbidden, type ReviewSpec, recordedKeys } from './recorded-cluster.ts';

/** What the API server does instead of answering well. */
export type ApiServerBehaviour =
  | { kind: 'ok' }
  /** Answers well, but only after a while. */
  | { kind: 'late'; ms: number }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Another body, with the status of a good answer. */
  | { kind: 'body'; body: string; contentType?: string }
  /** Merged over `status` of each review. */
  | { kind: 'wrong'; status: Record<string, unknown> }
  /** Its caller has not the right. */
  | { kind: 'forbidden' }
  /** Cuts the connection. */
  | { kind: 'reset' };

export interface ApiServerOptions {
  ca: Ca;
  /** The bearer token it knows as its caller's; random by default. */
  caller?: string;
  /** `iss` of the tokens it issues; its own address by default. */
  issuer?: string;
  port?: number;
}

/** A stand-in for a kube-apiserver 1.36: its recorded answers, and tokens of its own that can be revoked. */
export interface ApiServer extends Pick<ClusterTokens, 'issue' | 'revoke' | 'signer'> {
  readonly port: number;
  readonly url: string;
  readonly caPem: string;
  readonly issuer: string;
  readonly paths: { readonly reviews: string; readonly configuration: string; readonly keys: string };
  behave(path: string, behaviour: ApiServerBehaviour): void;
  /** Merged over the discovery document; an undefined member leaves it out. */
  setDiscovery(members: Record<string, unknown>): void;
  /** The bearer token that it knows from now on. */
  setCaller(token: string): void;
  /** Requests for one path, or for all. */
  count(path?: string): number;
  /** The `Authorization` of each request, oldest first. */
  readonly authorizations: readonly (string | undefined)[];
  /** The questions of each review, oldest first. */
  readonly asked: readonly ReviewSpec[];
  /** Connections that were opened. */
  readonly connections: number;
  /** The most requests that were open at one time. */
  readonly mostAtOnce: number;
  /** Stops listening and cuts connections; `up` listens on the same port again. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const paths = {
  reviews: '/apis/authentication.k8s.io/v1/tokenreviews',
  configuration: '/.well-known/openid-configuration',
  keys: '/openid/v1/jwks',
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Starts it over HTTPS on 127.0.0.1. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const port = options.port ?? (await freePort());
  const url = `https://127.0.0.1:${port}`;
  const issuer = options.issuer ?? url;
  const tokens = createClusterTokens(issuer);
  const { signer } = tokens;
  const { certPem, keyPem } = await options.ca.server();
  const behaviours = new Map<string, ApiServerBehaviour>();
  const counts = new Map<string, number>();
  const authorizations: (string | undefined)[] = [];
  const asked: ReviewSpec[] = [];
  let caller = options.caller ?? randomUUID();
  let discovery: Record<string, unknown> = {};
  let connections = 0;
  let atOnce = 0;
  let mostAtOnce = 0;

  const goodAnswer = (
    path: string,
    body: string,
  ): { status: number; type: string; body: unknown } | undefined => {
    if (path === paths.keys)
      return {
        status: 200,
        type: 'application/jwk-set+json',
        body: { keys: [...recordedKeys.keys, signer.publicJwk] },
      };
    if (path === paths.configuration) {
      const known = { issuer, jwks_uri: `${url}${paths.keys}`, response_types_supported: ['id_token'] };
      return { status: 200, type: 'application/json', body: { ...known, ...discovery } };
    }
    if (path !== paths.reviews) return undefined;
    const { spec } = JSON.parse(body) as { spec: ReviewSpec };
    asked.push(spec);
    return { status: 201, type: 'application/json', body: tokens.review(spec) };
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    counts.set(path, (counts.get(path) ?? 0) + 1);
    authorizations.push(request.headers.authorization);
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.once('close', () => atOnce--);
    const send = (
      status: number,
      type: string,
      body: unknown,
      headers: Record<string, string> = {},
    ): void => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': type, ...headers }).end(text);
    };
    const body = await bodyOf(request);
    const behaviour = behaviours.get(path) ?? { kind: 'ok' };
    if (behaviour.kind === 'hang') return;
    if (behaviour.kind === 'reset') return void response.socket?.destroy();
    if (behaviour.kind === 'status')
      return send(behaviour.status, 'application/json', behaviour.body ?? '{}', behaviour.headers);
    if (behaviour.kind === 'body')
      return send(
        request.method === 'POST' ? 201 : 200,
        behaviour.contentType ?? 'text/html',
        behaviour.body,
      );
    if (request.headers.authorization === undefined || behaviour.kind === 'forbidden')
      return send(403, 'application/json', forbidden);
    if (request.headers.authorization !== `Bearer ${caller}`)
      return send(401, 'application/json', { kind: 'Status', reason: 'Unauthorized', code: 401 });
    const good = goodAnswer(path, body);
    if (!good) return send(404, 'application/json', { kind: 'Status', reason: 'NotFound', code: 404 });
    // Like the real one: its keys are not to be had as plain application/json.
    if (!request.headers.accept?.includes(good.type) && !request.headers.accept?.includes('*/*'))
      return send(406, 'application/json', '{}');
    if (behaviour.kind === 'late') {
      const timer = setTimeout(() => send(good.status, good.type, good.body), behaviour.ms);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    if (behaviour.kind === 'wrong') {
      const { status, ...rest } = good.body as { status: object };
      return send(good.status, good.type, { ...rest, status: { ...status, ...behaviour.status } });
    }
    send(good.status, good.type, good.body);
  };

  const { up, down } = upAndDown(port, () => {
    const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      handle(request, response).catch(() => response.destroy());
    });
    return server.on('connection', () => connections++);
  });
  await up();
  return {
    ...{ port, url, issuer, signer, paths, authorizations, asked, caPem: options.ca.certPem },
    issue: tokens.issue,
    revoke: tokens.revoke,
    behave: (path, behaviour) => void behaviours.set(path, behaviour),
    setDiscovery: (members) => {
      discovery = members;
    },
    setCaller: (token) => {
      caller = token;
    },
    count: (path) =>
      path === undefined ? [...counts.values()].reduce((sum, one) => sum + one, 0) : (counts.get(path) ?? 0),
    get connections() {
      return connections;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    down,
    up,
    stop: down,
  };
}
