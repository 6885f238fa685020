import { randomUUID, type X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { errors } from 'oidc-provider';
import type { Ca } from './ca.ts';
import { createSigner, type JwtSigner } from './jwt-signer.ts';
import { closer, listen } from './listening.ts';
import { memoryAdapter } from './memory-adapter.ts';

/** An API that tokens can be asked for, by its resource indicator (RFC 8707). */
export interface OidcResource {
  /** The resource indicator itself by default. */
  audience?: string;
  /** The scopes it knows, separated by spaces. */
  scope: string;
  /** Seconds; 300 by default. */
  ttl?: number;
  /** `jwt` (RFC 9068) by default. */
  format?: 'jwt' | 'opaque';
  /** RS256 by default. */
  alg?: 'RS256' | 'ES256';
}

export interface OidcClient {
  clientId: string;
  /** Random by default. */
  clientSecret?: string;
  /** The scopes it may have; all by default. */
  scope?: string;
  /** RFC 8705 `tls_client_certificate_bound_access_tokens`: its tokens carry `cnf.x5t#S256`. */
  boundTokens?: boolean;
  /** Claims put into its JWT access tokens, over the standard ones. */
  claims?: Record<string, unknown>;
  /** More of its registration (RFC 7591 §2), such as `token_endpoint_auth_method` and `jwks`. */
  metadata?: Record<string, unknown>;
}

export interface OidcProviderOptions {
  ca: Ca;
  clients: readonly OidcClient[];
  /** By resource indicator, an absolute URI such as `https://orders.example.com`. */
  resources: Record<string, OidcResource>;
  port?: number;
  /** It stands behind Peerproof, and reads the client of `tls_client_auth` from this header. */
  spiffeIdHeader?: string;
}

export interface TokenRequest {
  clientId: string;
  resource: string;
  scope?: string;
  /** The client certificate of the TLS connection. */
  certificate?: { certPem: string; keyPem: string };
}

/** A running authorization server. */
export interface OidcProvider {
  readonly port: number;
  readonly issuer: string;
  /** The CA of its server certificate. */
  readonly caPem: string;
  readonly introspectionEndpoint: string;
  /** An access token by client credentials; throws with the server's answer when it gives none. */
  token(request: TokenRequest): Promise<string>;
  /** RFC 7662, asked as this client. */
  introspect(clientId: string, token: string): Promise<Record<string, unknown>>;
  clientSecret(clientId: string): string;
  /** Its signing keys, to sign odd tokens as this issuer. */
  readonly signers: { readonly RS256: JwtSigner; readonly ES256: JwtSigner };
  stop(): Promise<void>;
}

const DEADLINE_MS = 30_000;
const DEFAULT_TTL = 300;

const UNSUPPORTED_RUNTIME = 'oidc-provider WARNING: Unsupported runtime';

/** Imports it without its line on stderr about Node releases that are not LTS. Everything else is still printed. */
async function importProvider(): Promise<typeof import('oidc-provider')> {
  const { warn } = console;
  console.warn = (...args: unknown[]) => {
    if (!String(args[0]).includes(UNSUPPORTED_RUNTIME)) warn(...args);
  };
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}

function privateJwk(signer: JwtSigner): Record<string, unknown> {
  return { ...signer.privateKey.export({ format: 'jwk' }), kid: signer.kid, alg: signer.alg, use: 'sig' };
}

function configuration(
  options: OidcProviderOptions,
  secrets: ReadonlyMap<string, string>,
  signers: readonly JwtSigner[],
  InvalidTarget: typeof errors.InvalidTarget,
): Record<string, unknown> {
  const scopes = new Set(Object.values(options.resources).flatMap(({ scope }) => scope.split(' ')));
  const claims = new Map(options.clients.map((client) => [client.clientId, client.claims ?? {}]));
  return {
    adapter: memoryAdapter(),
    jwks: { keys: signers.map(privateJwk) },
    cookies: { keys: [randomUUID()] },
    scopes: [...scopes],
    clients: options.clients.map((client) => ({
      client_id: client.clientId,
      client_secret: secrets.get(client.clientId),
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: client.scope ?? [...scopes].join(' '),
      tls_client_certificate_bound_access_tokens: client.boundTokens ?? false,
      ...client.metadata,
    })),
    ttl: {
      ClientCredentials: (_ctx: unknown, token: { resourceServer?: { accessTokenTTL?: number } }) =>
        token.resourceServer?.accessTokenTTL ?? DEFAULT_TTL,
    },
    formats: {
      customizers: {
        jwt: (_ctx: unknown, token: { clientId: string }, jwt: { payload: Record<string, unknown> }) => {
          Object.assign(jwt.payload, claims.get(token.clientId));
        },
      },
    },
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
      'none',
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: (ctx: { req: { socket: TLSSocket } }): X509Certificate | undefined =>
          ctx.req.socket.getPeerX509Certificate(),
        tlsClientAuth: true,
        certificateAuthorized: (ctx: { req: { socket: TLSSocket } }) => ctx.req.socket.authorized,
        certificateSubjectMatches: (ctx: { req: IncomingMessage }, _property: string, expected: string) =>
          subjectOf(ctx.req, options.spiffeIdHeader) === `URI:${expected}`,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx: unknown, indicator: string) => {
          const resource = options.resources[indicator];
          if (!resource) throw new InvalidTarget();
          return {
            audience: resource.audience ?? indicator,
            scope: resource.scope,
            accessTokenTTL: resource.ttl ?? DEFAULT_TTL,
            accessTokenFormat: resource.format ?? 'jwt',
            jwt: { sign: { alg: resource.alg ?? 'RS256' } },
          };
        },
      },
    },
  };
}

/** The only subject alternative name of the client. */
function subjectOf({ headers, socket }: IncomingMessage, header: string | undefined): string | undefined {
  return header === undefined
    ? (socket as TLSSocket).getPeerX509Certificate()?.subjectAltName
    : `URI:${headers[header]}`;
}

/**
 * Starts `oidc-provider` over HTTPS on 127.0.0.1. Client certificates are asked for; only `tls_client_auth` needs them
 * verified, `cnf` does not.
 */
export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  const signers = { RS256: createSigner('RS256'), ES256: createSigner('ES256') };
  const secrets = new Map(
    options.clients.map(({ clientId, clientSecret }) => [clientId, clientSecret ?? randomUUID()]),
  );
  const certificate = await options.ca.server();
  const caPem = options.ca.certPem;
  const server = createServer({
    cert: certificate.certPem,
    key: certificate.keyPem,
    ca: caPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const stop = closer(server);
  const port = await listen(server, options.port);
  const issuer = `https://127.0.0.1:${port}`;
  const { default: Provider, errors } = await importProvider();
  const provider = new Provider(
    issuer,
    configuration(options, secrets, [signers.RS256, signers.ES256], errors.InvalidTarget),
  );
  server.on('request', provider.callback());

  const clientSecret = (clientId: string): string => {
    const secret = secrets.get(clientId);
    if (secret === undefined) throw new TypeError(`no client ${clientId}`);
    return secret;
  };
  const post = (
    path: string,
    clientId: string,
    form: Record<string, string>,
    presented?: TokenRequest['certificate'],
  ): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const body = new URLSearchParams(form).toString();
      const send = httpsRequest(
        {
          ...{ host: '127.0.0.1', port, path, method: 'POST', ca: caPem, agent: false },
          ...(presented ? { cert: presented.certPem, key: presented.keyPem } : {}),
          auth: `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret(clientId))}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
        },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve(JSON.parse(text) as Record<string, unknown>);
          else reject(new Error(`${path} answered ${response.statusCode}: ${text}`));
        },
      );
      send.setTimeout(DEADLINE_MS, () => send.destroy(new Error(`${path}: no answer in time`)));
      send.once('error', reject);
      send.end(body);
    });

  return {
    port,
    issuer,
    caPem,
    introspectionEndpoint: `${issuer}/token/introspection`,
    token: async ({ clientId, resource, scope, certificate: presented }) => {
      const form = { grant_type: 'client_credentials', resource, ...(scope === undefined ? {} : { scope }) };
      return String((await post('/token', clientId, form, presented)).access_token);
    },
    introspect: (clientId, token) => post('/token/introspection', clientId, { token }),
    clientSecret,
    signers,
    stop,
  };
}
