import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';

/** `token68` of RFC 9110 §11.2, which RFC 6750 §2.1 calls b64token. */
const credentials = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The one bearer token of a request (RFC 6750 §2.1), or undefined where none was sent. The scheme has no case
 * (RFC 9110 §11.1). Envoy joins two headers with a comma: two tokens are refused, never chosen from. A token in the query
 * or a cookie is no token here; one in the query beside one in the header is two (RFC 6750 §2).
 */
export function readBearer(request: PresentedRequest): string | undefined | Denial {
  const header = request.headers.authorization;
  if (header === undefined || header === '') return undefined;
  if (header.includes(',') && /(^|,)\s*bearer\b/i.test(header))
    return new Denial('authorization_ambiguous', 'several Authorization values');
  if (!/^bearer\b/i.test(header.trimStart())) return undefined;
  const token = credentials.exec(header)?.[1];
  if (token === undefined)
    return new Denial('authorization_malformed', 'not "Bearer", one space and one token');
  const query = request.path.indexOf('?');
  if (query >= 0 && new URLSearchParams(request.path.slice(query)).has('access_token'))
    return new Denial('authorization_ambiguous', 'a token in the header and access_token in the query');
  return token;
}
