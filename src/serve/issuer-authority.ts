import { findCluster } from '../config/cluster.ts';
import type { IssuerConfig } from '../config/issuer-schema.ts';
import { Malformed } from '../lib/malformed.ts';
import type { RequestEnded, RequestKind } from '../operate/issuer-metrics.ts';
import { ApiServer } from '../sources/api-server.ts';
import type { Bulkheads } from '../sources/bulkhead.ts';
import { type Ask, CachedAuthority, type CachedAuthorityState } from '../sources/cached-authority.ts';
import type { Files } from '../sources/fingerprint.ts';
import { FirstQuestion } from '../sources/first-question.ts';
import { IntrospectionEndpoint } from '../sources/introspection-endpoint.ts';
import { WatchedFile } from '../sources/watched-file.ts';
import { counted } from './counted-request.ts';

/** What every source needs. */
export interface SourceContext {
  /** The contents of configured files when the configuration was loaded, by their path as written. */
  readonly files: Files;
  /** Resolves a path as written, relative to the configuration. */
  readonly resolve: (path: string) => string;
  readonly clock: () => number;
  /** Called after each attempt, for the log. */
  readonly report: (name: string, failure: string | undefined) => void;
}

export interface IssuerContext extends SourceContext {
  readonly bulkheads: Bulkheads;
  /** Begins to count the requests of one kind to one issuer. Without it they are not counted. */
  readonly requestsOf?: ((issuer: string, kind: RequestKind) => RequestEnded) | undefined;
  /** Asks each authority a question at its start, before a check does. */
  readonly askFirst?: boolean | undefined;
}

/** Answers questions about the tokens of an issuer, until `stop`. */
export interface RunningAuthority {
  readonly authority: CachedAuthority;
  /** Asks until there is an answer. Undefined if only checks ask. */
  readonly first: FirstQuestion | undefined;
  state(): CachedAuthorityState;
  stop(): void;
}

/** The API server or the introspection endpoint of an issuer. Undefined if signatures are enough. */
export function createAuthority(
  name: string,
  config: IssuerConfig,
  context: IssuerContext,
): RunningAuthority | undefined {
  const { kubernetes, introspection } = config;
  if (kubernetes && kubernetes.verify !== 'jwks') {
    const server = createApiServer(config, context);
    const ask = counted(server.review(config.audiences), context.requestsOf?.(name, 'token_review'));
    return running(ask, server, 'api_server_unavailable');
  }
  if (introspection) {
    const { files, clock } = context;
    const { clientSecretFile, keyFile, certFile, endpoint, clientId, keyId, authentication } = introspection;
    const read = (file: string | undefined) => (file === undefined ? undefined : files.get(file)?.trim());
    const { issuer, ca, timeout, allowInsecureHttp } = config;
    const asked = new IntrospectionEndpoint({
      ...{ endpoint, issuer, authentication, clientId, keyId, timeout, allowInsecureHttp, clock },
      clientSecret: read(clientSecretFile),
      key: read(keyFile),
      cert: read(certFile),
      ca: read(ca),
    });
    const ask = counted(asked.ask, context.requestsOf?.(name, 'introspection'));
    return running(ask, asked, 'introspection_unavailable');
  }
  return undefined;

  function running(
    ask: Ask,
    server: { close(): void },
    unavailable: 'api_server_unavailable' | 'introspection_unavailable',
  ) {
    const { remember, timeout } = config;
    const authority = new CachedAuthority({
      ask,
      authority: name,
      unavailable,
      clock: context.clock,
      bulkhead: context.bulkheads.of(name),
      timeout,
      successFor: remember,
      refusalFor: remember / 5,
    });
    const first = context.askFirst
      ? new FirstQuestion({ authority, timeout, clock: context.clock })
      : undefined;
    const stop = () => {
      first?.stop();
      server.close();
    };
    return { authority, first, state: () => authority.state(), stop };
  }
}

/** The API server of an issuer with `kubernetes`. It gets the token of this service. */
export function createApiServer(config: IssuerConfig, context: IssuerContext): ApiServer {
  const cluster = findCluster(config);
  if (!cluster) throw new TypeError('no API server: the configuration was not checked');
  return new ApiServer({
    url: cluster.apiServer,
    ca: cluster.ca === undefined ? undefined : context.files.get(cluster.ca),
    token: ownToken(cluster.tokenFile, context),
    timeout: config.timeout,
    allowInsecureHttp: config.allowInsecureHttp,
  });
}

/** A bearer token in a file, read again when it rotates. Its content is trimmed, and **not** checked. */
export function ownToken(
  file: string,
  { files, clock, resolve }: Pick<SourceContext, 'files' | 'clock' | 'resolve'>,
): () => Promise<string> {
  const token = new WatchedFile({
    ...{ path: resolve(file), maxBytes: 65_536, text: files.get(file), clock },
    parse: (text) => text.trim() || new Malformed('is empty'),
  });
  return () => token.fresh();
}
