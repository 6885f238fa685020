import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { JwtSigner } from './jwt-signer.ts';
import { upAndDown } from './listening.ts';
import { freePort } from './ports.ts';

/** What a path does instead of answering well. */
export type Behaviour =
  | { kind: 'ok' }
  | { kind: 'status'; status: number; body?: string; headers?: Record<string, string> }
  | { kind: 'body'; body: string; contentType?: string; headers?: Record<string, string> }
  /** Valid JSON start, then spaces until `bytes` are sent. */
  | { kind: 'huge'; bytes: number }
  /** The right headers, then one byte at a time. */
  | { kind: 'drip'; everyMs: number }
  | { kind: 'redirect'; location: string; status?: number }
  /** Answers well, but only after a while. */
  | { kind: 'late'; ms: number }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  /** Cuts the connection. */
  | { kind: 'reset' };

export interface JwksServerOptions {
  signers?: readonly JwtSigner[];
  /** Serves https with this certificate; http by default. */
  tls?: { certPem: string; keyPem: string };
  /** A free port by default. */
  port?: number;
  /** Appended to the issuer URL, such as `/tenant/` for an issuer with a trailing slash. */
  issuerPath?: string;
}

/** An issuer that can be made to fail in every way. */
export interface JwksServer {
  readonly port: number;
  readonly issuer: string;
  readonly jwksUri: string;
  /** Paths, for `behave` and `count`. */
  readonly paths: { readonly openid: string; readonly oauth: string; readonly jwks: string };
  /** How a path answers from now on. */
  behave(path: string, behaviour: Behaviour): void;
  /** Replaces the served keys; private keys never leave the signers. */
  setKeys(keys: readonly (JwtSigner | Record<string, unknown>)[]): void;
  /** Merged over the discovery document; an undefined member leaves it out. */
  setDiscovery(members: Record<string, unknown>): void;
  /** Requests for one path, or for all. */
  count(path?: string): number;
  resetCounts(): void;
  /** Stops listening and cuts connections; `up` listens on the same port again. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const CHUNK = Buffer.alloc(64 * 1024, ' ');

function sendHuge(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const push = (): void => {
    while (left > 0 && !response.destroyed) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      // Never more in memory than one buffer: go on when the reader has taken it.
      if (!response.write(CHUNK.subarray(0, size))) {
        response.once('drain', push);
        return;
      }
    }
    response.end();
  };
  response.write('{"keys":[');
  push();
}

function sendDrip(response: ServerResponse, body: string, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at >= body.length) response.end();
    else response.write(body[at++]);
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}

function perform(
  behaviour: Behaviour,
  response: ServerResponse,
  good: string,
  headers: Record<string, string>,
): void {
  switch (behaviour.kind) {
    case 'ok':
      response.writeHead(200, headers).end(good);
      return;
    case 'status':
      response.writeHead(behaviour.status, { ...headers, ...behaviour.headers }).end(behaviour.body ?? '');
      return;
    case 'body':
      response
        .writeHead(200, { 'content-type': behaviour.contentType ?? 'application/json', ...behaviour.headers })
        .end(behaviour.body);
      return;
    case 'huge':
      response.writeHead(200, headers);
      sendHuge(response, behaviour.bytes);
      return;
    case 'drip':
      response.writeHead(200, headers);
      sendDrip(response, good, behaviour.everyMs);
      return;
    case 'redirect':
      response.writeHead(behaviour.status ?? 302, { location: behaviour.location }).end();
      return;
    case 'late': {
      const timer = setTimeout(() => response.writeHead(200, headers).end(good), behaviour.ms);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'hang':
      return;
    case 'reset':
      response.socket?.destroy();
  }
}

/** Starts the issuer on 127.0.0.1. */
export async function startJwksServer(options: JwksServerOptions = {}): Promise<JwksServer> {
  const port = options.port ?? (await freePort());
  const origin = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const issuerPath = options.issuerPath ?? '';
  const issuer = `${origin}${issuerPath}`;
  const base = issuerPath.replace(/\/$/, '');
  const paths = {
    openid: `${base}/.well-known/openid-configuration`,
    // RFC 8414 §3.1 puts the well-known part before the issuer's path.
    oauth: `/.well-known/oauth-authorization-server${base}`,
    jwks: `${base}/jwks`,
  };
  const jwksUri = `${origin}${paths.jwks}`;
  const behaviours = new Map<string, Behaviour>();
  const counts = new Map<string, number>();
  let discovery: Record<string, unknown> = {};
  let keys: readonly Record<string, unknown>[] = [];

  const good = (path: string): string | undefined => {
    if (path === paths.jwks) return JSON.stringify({ keys });
    if (path !== paths.openid && path !== paths.oauth) return undefined;
    return JSON.stringify({
      issuer,
      jwks_uri: jwksUri,
      token_endpoint: `${origin}/token`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...discovery,
    });
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const body = good(path);
    const behaviour = behaviours.get(path);
    const headers = { 'content-type': 'application/json' };
    if (body === undefined && !behaviour) perform({ kind: 'status', status: 404 }, response, '', headers);
    else perform(behaviour ?? { kind: 'ok' }, response, body ?? '', headers);
  };

  const { tls } = options;
  const { up, down } = upAndDown(port, () =>
    tls ? createHttpsServer({ cert: tls.certPem, key: tls.keyPem }, handle) : createServer(handle),
  );
  const setKeys: JwksServer['setKeys'] = (list) => {
    keys = list.map((key) => ('publicJwk' in key ? (key as JwtSigner).publicJwk : key));
  };
  setKeys(options.signers ?? []);
  await up();
  return {
    port,
    issuer,
    jwksUri,
    paths,
    behave: (path, behaviour) => {
      behaviours.set(path, behaviour);
    },
    setKeys,
    setDiscovery: (members) => {
      discovery = members;
    },
    count: (path) => {
      if (path !== undefined) return counts.get(path) ?? 0;
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    resetCounts: () => counts.clear(),
    down,
    up,
    stop: down,
  };
}
