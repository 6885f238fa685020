import * as oauth from 'oauth4webapi';
import { type Answer, type RequestParts, request } from './client.ts';
import type { OidcProvider } from './oidc-provider.ts';

/** Sends one request, wherever its address leads. */
export type Send = (parts: RequestParts) => Promise<Answer>;

/** What oauth4webapi sends in its own way, sent by `send` in place of `fetch`. */
function fetchBy(send: Send) {
  return async (
    address: string,
    { method, headers, body }: { method: string; headers: object; body?: unknown },
  ) => {
    const url = new URL(address);
    const sent = Object.entries(headers).filter(([name]) => name !== 'host');
    const answer = await send({
      method,
      path: url.pathname + url.search,
      headers: [['host', url.host], ...sent],
      ...(body !== undefined && body !== null && { body: String(body) }),
    });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

/** A client of a real authorization server that speaks DPoP, with a key of its own. */
export interface OauthClient {
  /** An access token that is bound to its key. */
  token(resource: string, scope?: string): Promise<string>;
  /** Sends it with a proof. @throws oauth.WWWAuthenticateChallengeError if a challenge comes back */
  get(send: Send, url: string, token: string): Promise<Response>;
  /** The same again, if a nonce is asked for (RFC 9449 §8). Says how often it sent. */
  persist(
    send: Send,
    url: string,
    token: string,
  ): Promise<{ readonly status: number; readonly sent: number }>;
}

export async function createOauthClient(provider: OidcProvider, clientId: string): Promise<OauthClient> {
  const keys = await oauth.generateKeyPair('ES256');
  const client: oauth.Client = { client_id: clientId };
  const dpop = oauth.DPoP(client, keys);
  const as: oauth.AuthorizationServer = {
    issuer: provider.issuer,
    token_endpoint: `${provider.issuer}/token`,
  };
  const atProvider = fetchBy((parts) =>
    request({ port: provider.port, tls: { caPem: provider.caPem } }, parts),
  );
  const get: OauthClient['get'] = (send, url, token) =>
    oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, undefined, {
      DPoP: dpop,
      [oauth.customFetch]: fetchBy(send) as never,
    });
  return {
    get,
    async token(resource, scope) {
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        client,
        oauth.ClientSecretBasic(provider.clientSecret(clientId)),
        { resource, ...(scope !== undefined && { scope }) },
        { DPoP: dpop, [oauth.customFetch]: atProvider as never },
      );
      const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, response);
      return token;
    },
    async persist(send, url, token) {
      try {
        return { status: (await get(send, url, token)).status, sent: 1 };
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error;
        return { status: (await get(send, url, token)).status, sent: 2 };
      }
    },
  };
}

/** The error in the first challenge of an answer that oauth4webapi threw. */
export function challengeOf(error: unknown): { readonly scheme: string; readonly error: string | undefined } {
  if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
  const [first] = error.cause;
  return { scheme: first?.scheme ?? '', error: first?.parameters.error };
}
