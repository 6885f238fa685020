import { isRecord } from '../lib/json.ts';
import { type GetOptions, getJson, urlForLog } from './http-client.ts';

/** The places of an issuer's metadata: OIDC Discovery §4, then RFC 8414 §3. */
export function metadataUrls(issuer: string): readonly URL[] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, '');
  return [
    new URL(`${path}/.well-known/openid-configuration`, url),
    new URL(`/.well-known/oauth-authorization-server${path}`, url),
  ];
}

/** The error if a metadata document names another issuer. */
export function otherIssuer(url: URL, named: unknown): Error {
  const text = JSON.stringify(named)?.slice(0, 200);
  return new Error(`${urlForLog(url)} is the metadata of another issuer: ${text}`);
}

/**
 * Finds the `jwks_uri` of an issuer. The document must name exactly this issuer (RFC 8414 §3.3). Its
 * `jwks_uri` must be a URL that `allowed` accepts: metadata must not lead to plain http.
 */
export async function discoverJwksUri(
  issuer: string,
  allowed: (url: URL) => boolean,
  options: GetOptions,
): Promise<URL> {
  const failures: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const document = await getJson(url, options).catch((error: Error) => {
      failures.push(error.message);
      return undefined;
    });
    if (!isRecord(document)) continue;
    const { issuer: named, jwks_uri: jwksUri } = document;
    if (named !== issuer) throw otherIssuer(url, named);
    if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri))
      throw new Error(`${url.href} has no usable jwks_uri`);
    const found = new URL(jwksUri);
    if (!allowed(found)) throw new Error(`${url.href}: jwks_uri must be https`);
    return found;
  }
  throw new Error(`no metadata: ${failures.join('; ')}`);
}
