import { getCACertificates } from 'node:tls';
import { DependencyError } from '../core/denial.ts';
import { readTokenReview, tokenReviewRequest } from '../core/token/token-review.ts';
import { parseJson, recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Ask } from './cached-authority.ts';
import { otherIssuer } from './discovery.ts';
import { getJson, HttpClient, type OutboundResponse, readRetryAfter, urlForLog } from './http-client.ts';
import { mayBeAsked, mayLeadTo } from './https-only.ts';

export interface ApiServerOptions {
  /** Its address, or that of an issuer whose documents may need a token. The path is kept as a prefix. */
  readonly url: string;
  /** PEM of the authorities trusted for it. */
  readonly ca?: string | undefined;
  /** Reads the token of this service, for each request. Undefined: requests have no token. */
  readonly token?: (() => string | Promise<string>) | undefined;
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly allowInsecureHttp?: boolean;
}

/** The keys of a cluster. They are **not** parsed, see `parseJwks`. */
export interface ClusterKeys {
  readonly issuer: string;
  readonly jwks: unknown;
  /** The place of the keys, for messages. */
  readonly from: string;
}

const maxBytes = 524_288;
const configurationPath = '/.well-known/openid-configuration';
/** Every API server has its keys here, even if it advertises another address. */
const keysPath = '/openid/v1/jwks';
const reviewPath = '/apis/authentication.k8s.io/v1/tokenreviews';

/**
 * A Kubernetes API server. Requests carry the token of this service. That token goes only to the configured
 * origin, even if a document of the server names another one.
 */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #base: URL;
  readonly #client: HttpClient;

  /** @throws TypeError for plain http to another machine, which would reveal the token */
  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
    if (!mayBeAsked(this.#base, options.allowInsecureHttp ?? false))
      throw new TypeError(`${urlForLog(this.#base)} must be https`);
    const { ca, timeout } = options;
    this.#client = new HttpClient({ ca, timeout, maxBytes });
  }

  /**
   * Asks about tokens by TokenReview, for these audiences. 401 and 403 mean that this service may not ask.
   * Malformed answers and statuses other than 200 and 201 mean that it is not well. None of these is the
   * token's fault.
   */
  review(audiences: readonly string[]): Ask {
    const url = this.#at(reviewPath);
    const unavailable = (detail: string, retryAfter = 1) =>
      new DependencyError('api_server_unavailable', detail, retryAfter);
    return async (token, signal) => {
      const answer = await this.#post(url, tokenReviewRequest(token, audiences), signal).catch((error) => {
        throw unavailable(error.message);
      });
      const { status, body } = answer;
      const said = `${urlForLog(url)} answered ${status}`;
      const wait = readRetryAfter(answer);
      if (status === 401)
        throw new DependencyError('api_server_forbidden', `${said}: it does not accept our token`, wait ?? 5);
      if (status === 403)
        throw new DependencyError(
          'api_server_forbidden',
          `${said}: may our ServiceAccount create tokenreviews (kustomize/components/token-review)?`,
          wait ?? 5,
        );
      if (status !== 200 && status !== 201) throw unavailable(said, wait);
      const read = readTokenReview(parseJson(body), audiences);
      if (read instanceof Malformed) throw unavailable(`${said}: ${read.why}`);
      return read;
    };
  }

  /**
   * Fetches the discovery document and the keys of the cluster. The document must name `issuer`, if that is
   * given. An API server often advertises keys at an internal address. These are fetched there without the
   * token. If that fails, the server's own copy is used.
   * @throws Error that is safe to log
   */
  async keys(issuer?: string): Promise<ClusterKeys> {
    const { allowInsecureHttp = false } = this.#options;
    const place = this.#at(configurationPath);
    const document = await this.#get(place);
    const { issuer: named, jwks_uri: jwksUri } = recordOf(document);
    if (typeof named !== 'string' || named === '' || (issuer !== undefined && named !== issuer))
      throw otherIssuer(place, named);
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

  /** Closes its connections. Requests under way fail. */
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
    // Another host may be public, or belong to the cluster, so both sets of authorities are trusted.
    return getJson(url, { ca: ca && [...getCACertificates('default'), ca], timeout, maxBytes });
  }
}
