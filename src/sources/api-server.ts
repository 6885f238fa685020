import { getCACertificates } from 'node:tls';
import { DependencyError } from '../core/denial.ts';
import { readTokenReview, tokenReviewRequest } from '../core/token/token-review.ts';
import { parseJson, recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Ask } from './cached-authority.ts';
import { getJson, HttpClient, type OutboundResponse, retryAfterOf, urlForLog } from './http-client.ts';
import { mayBeAsked, mayLeadTo } from './https-only.ts';

export interface ApiServerOptions {
  /** Its address, or that of an issuer whose documents may need a token; a path stays in front. */
  readonly url: string;
  /** PEM of the authorities trusted for it. */
  readonly ca?: string | undefined;
  /** Reads the token of this service. It is called for each request. Undefined: requests have no token. */
  readonly token?: (() => string | Promise<string>) | undefined;
  /** Milliseconds for one exchange. */
  readonly timeout: number;
  readonly allowInsecureHttp?: boolean;
}

/** What a cluster says of its tokens. Not parsed: see `parseJwks`. */
export interface ClusterKeys {
  readonly issuer: string;
  readonly jwks: unknown;
  /** Where the keys came from, for messages. */
  readonly from: string;
}

const maxBytes = 524_288;
const configurationPath = '/.well-known/openid-configuration';
/** Where every API server has its keys, whatever address it advertises for them. */
const keysPath = '/openid/v1/jwks';
const reviewPath = '/apis/authentication.k8s.io/v1/tokenreviews';

/**
 * A Kubernetes API server, asked with this service's own token. That token goes to the configured origin and to no
 * other, whatever a document of the server names.
 */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #base: URL;
  readonly #client: HttpClient;

  /** @throws TypeError for plain http to another machine, which would show the token to everybody on the way. */
  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
    if (!mayBeAsked(this.#base, options.allowInsecureHttp ?? false))
      throw new TypeError(`${urlForLog(this.#base)} must be https`);
    const { ca, timeout } = options;
    this.#client = new HttpClient({ ca, timeout, maxBytes });
  }

  /**
   * Asks about tokens by TokenReview, for these audiences. 401 and 403 mean that this service may not ask, and every
   * other status but 200 and 201, and what is no TokenReview, that the server is not well: neither is the token's fault.
   */
  review(audiences: readonly string[]): Ask {
    const url = this.#at(reviewPath);
    const unavailable = (detail: string, retryAfter = 1) =>
      new DependencyError('api_server_unavailable', detail, retryAfter);
    return async (token, signal) => {
      const answer = await this.#post(url, tokenReviewRequest(token, audiences), signal).catch(
        (error: Error) => {
          throw unavailable(error.message);
        },
      );
      const { status, body } = answer;
      const said = `${urlForLog(url)} answered ${status}`;
      const later = retryAfterOf(answer);
      if (status === 401)
        throw new DependencyError('api_server_forbidden', `${said}: it does not know us`, later ?? 5);
      if (status === 403)
        throw new DependencyError(
          'api_server_forbidden',
          `${said}: may our ServiceAccount create tokenreviews (system:auth-delegator)?`,
          later ?? 5,
        );
      if (status !== 200 && status !== 201) throw unavailable(said, later);
      const read = readTokenReview(parseJson(body), audiences);
      if (read instanceof Malformed) throw unavailable(`${said}: ${read.why}`);
      return read;
    };
  }

  /**
   * Fetches the cluster's discovery document and its keys. The document must name `issuer` where one is given. Keys that
   * it says to be elsewhere (an API server often names an address of its own that is not ours) are fetched there without
   * the token; where that fails, this server's own copy is.
   * @throws Error fit for a log
   */
  async keys(issuer?: string): Promise<ClusterKeys> {
    const { allowInsecureHttp = false } = this.#options;
    const place = this.#at(configurationPath);
    const document = await this.#get(place);
    const { issuer: named, jwks_uri: jwksUri } = recordOf(document);
    if (typeof named !== 'string' || named === '' || (issuer !== undefined && named !== issuer))
      throw new Error(
        `${urlForLog(place)} is the metadata of another issuer: ${JSON.stringify(named)?.slice(0, 200)}`,
      );
    const found = typeof jwksUri === 'string' && URL.canParse(jwksUri) ? new URL(jwksUri) : undefined;
    const failures: string[] = [];
    if (!found) failures.push('no usable jwks_uri');
    else if (!mayLeadTo(this.#base, found, allowInsecureHttp)) failures.push('jwks_uri must be https');
    for (const url of [...(found && failures.length === 0 ? [found] : []), this.#at(keysPath)])
      try {
        return { issuer: named, jwks: await this.#get(url), from: urlForLog(url) };
      } catch (error) {
        failures.push((error as Error).message);
      }
    throw new Error(`no keys: ${failures.join('; ')}`);
  }

  /** Ends its connections; questions under way fail. */
  close(): void {
    this.#client.close();
  }

  #at(path: string): URL {
    return new URL(`${this.#base.pathname.replace(/\/$/, '')}${path}`, this.#base);
  }

  async #authorization(): Promise<Readonly<Record<string, string>>> {
    const { token } = this.#options;
    return token ? { authorization: `Bearer ${await token()}` } : {};
  }

  async #post(url: URL, body: string, signal: AbortSignal): Promise<OutboundResponse> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(await this.#authorization()),
    };
    return this.#client.send(url, { method: 'POST', headers, body, signal });
  }

  async #get(url: URL): Promise<unknown> {
    const { ca, timeout } = this.#options;
    if (url.origin === this.#base.origin)
      return getJson(url, { ca, timeout, maxBytes, headers: await this.#authorization() });
    // Elsewhere, a public address is as possible as another one of the cluster.
    return getJson(url, { ca: ca && [...getCACertificates('default'), ca], timeout, maxBytes });
  }
}
