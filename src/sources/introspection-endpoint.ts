import { Denial, DependencyError } from '../core/denial.ts';
import type { Attestation } from '../core/token/authority.ts';
import { readIntrospection } from '../core/token/introspection.ts';
import { parseJson, recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { type Ask, Unanswered } from './cached-authority.ts';
import {
  type ClientAuthentication,
  type ClientCredentials,
  clientAuthentications,
  type ProveClient,
} from './client-authentication.ts';
import { HttpClient, type OutboundResponse, readRetryAfter, urlForLog } from './http-client.ts';
import { mayBeAsked } from './https-only.ts';

/** `key` signs for `private_key_jwt`, or belongs to `cert` for `tls_client_auth`. */
export interface IntrospectionOptions extends Omit<ClientCredentials, 'audience'> {
  readonly endpoint: string;
  /** The `iss` that answers must name, if any. It is also the audience of `private_key_jwt`. */
  readonly issuer?: string | undefined;
  readonly authentication: ClientAuthentication;
  /** PEM of the client certificate. */
  readonly cert?: string | undefined;
  /** PEM of the authorities trusted for the endpoint. */
  readonly ca?: string | undefined;
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly clock: () => number;
  readonly allowInsecureHttp?: boolean;
}

/** Small, because many answers are cached. */
const maxBytes = 65_536;
/** With these statuses the token may be at fault, and not the server or this service. */
const aboutTheToken: ReadonlySet<number> = new Set([400, 413, 414, 422, 431]);
/** With these codes this service is at fault (RFC 6749 §5.2 allows status 400 for them). */
const aboutUs: ReadonlySet<unknown> = new Set(['invalid_client', 'unauthorized_client']);
/** RFC 6749 §5.2, RFC 7009 §2.2.1. Only these words of an error answer go into the log. */
const errorCodes: ReadonlySet<unknown> = new Set([
  'invalid_request',
  'invalid_client',
  'unauthorized_client',
  'unsupported_token_type',
]);

/**
 * An introspection endpoint (RFC 7662 §2). Answers are JSON; signed ones (RFC 9701) are not requested. Only a
 * 200 can reject a token: our own credentials and the state of the server are not the token's fault. The one
 * exception is `unsupported_token_type`, which says that the server did not issue this token.
 */
export class IntrospectionEndpoint {
  readonly #options: IntrospectionOptions;
  readonly #url: URL;
  readonly #prove: ProveClient;
  readonly #client: HttpClient;

  /** @throws TypeError if the credentials do not fit the method, or for plain http to another machine */
  constructor(options: IntrospectionOptions) {
    const { endpoint, issuer, authentication, cert, key, ca, timeout, allowInsecureHttp = false } = options;
    this.#options = options;
    this.#url = new URL(endpoint);
    if (!mayBeAsked(this.#url, allowInsecureHttp))
      throw new TypeError(`${urlForLog(this.#url)} must be https`);
    const mutual = authentication === 'tls_client_auth';
    if (mutual && (!cert || !key)) throw new TypeError('tls_client_auth needs a certificate and its key');
    this.#prove = clientAuthentications[authentication]({ ...options, audience: issuer ?? endpoint });
    this.#client = new HttpClient({ ca, timeout, maxBytes, ...(mutual && { cert, key }) });
  }

  /** The request of RFC 7662 §2.1. */
  readonly ask: Ask = async (token, signal) => {
    const answer = await this.#send(token, signal).catch((error: Error) => {
      throw new DependencyError('introspection_unavailable', error.message, 1);
    });
    return this.#read(answer);
  };

  /** Closes its connections. Requests under way fail. */
  close(): void {
    this.#client.close();
  }

  async #send(token: string, signal: AbortSignal): Promise<OutboundResponse> {
    const { headers: proof, form } = await this.#prove(this.#options.clock());
    return this.#client.send(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...proof },
      body: new URLSearchParams({ token, token_type_hint: 'access_token', ...form }).toString(),
      signal,
    });
  }

  #read(answer: OutboundResponse): Attestation | Denial {
    const { status, body } = answer;
    const content = parseJson(body);
    const code = status === 200 ? undefined : recordOf(content).error;
    if (status === 400 && code === 'unsupported_token_type')
      return new Denial('token_inactive', 'introspection: unsupported_token_type');
    const said = `${urlForLog(this.#url)} answered ${status}${errorCodes.has(code) ? ` ${code}` : ''}`;
    if (status !== 200) {
      // A sender of odd tokens must not stop the questions about all other tokens.
      const Kind = aboutTheToken.has(status) && !aboutUs.has(code) ? Unanswered : DependencyError;
      throw new Kind('introspection_unavailable', said, readRetryAfter(answer) ?? 1);
    }
    const read = readIntrospection(content, this.#options.issuer);
    if (read instanceof Malformed)
      throw new DependencyError('introspection_unavailable', `${said}: ${read.why}`, 1);
    return read;
  }
}
