import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { hasParameter } from './form.ts';
import { describeBearerFlaw } from './missing-token.ts';
import { isOfScheme, namesScheme } from './scheme.ts';

const scheme = 'bearer ';

/**
 * The one bearer token of a request (RFC 6750 §2.1), or undefined if none was sent. The scheme is
 * case-insensitive (RFC 9110 §11.1). Envoy joins two headers with a comma: two tokens are refused, none of
 * them is chosen. A token in the query or in a cookie is not used; one in the query in addition to the header
 * is refused (RFC 6750 §2).
 */
export function readBearer(request: PresentedRequest): string | undefined | Denial {
  const header = request.headers.authorization;
  if (header === undefined || header === '') return undefined;
  if (header.includes(',') && namesScheme(header, 'bearer'))
    return new Denial('authorization_ambiguous', 'several Authorization values');
  if (!isOfScheme(header, 'bearer')) return undefined;
  const token = header.slice(scheme.length);
  if (header.slice(0, scheme.length).toLowerCase() !== scheme || !isToken68(token))
    return new Denial('authorization_malformed', describeBearerFlaw(header));
  const query = request.path.indexOf('?');
  if (query >= 0 && hasParameter(request.path.slice(query + 1), 'access_token'))
    return new Denial('authorization_ambiguous', 'a token in the header and access_token in the query');
  return token;
}

/** `token68` of RFC 9110 §11.2. RFC 6750 §2.1 calls it b64token. */
function isToken68(text: string): boolean {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end--;
  return end > 0 && /^[A-Za-z0-9._~+/-]*$/.test(text.slice(0, end));
}
