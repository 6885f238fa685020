import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { hasParameter } from './form.ts';
import { describeSchemeFlaw } from './missing-token.ts';
import { isOfScheme, namesScheme } from './scheme.ts';

/** An access token as it was sent: decoded, not verified. */
export interface PresentedAuthorization {
  readonly token: string;
  /** Undefined: Bearer. */
  readonly scheme?: 'dpop';
}

/**
 * The one access token in `Authorization`, or undefined if none was sent. Its scheme is Bearer (RFC 6750 §2.1)
 * or DPoP (RFC 9449 §7.1), without regard to case (RFC 9110 §11.1). Envoy joins two headers with a comma: two
 * tokens are refused, none of them is chosen. A token in the query or in a cookie is not used; one in the
 * query in addition to the header is refused (RFC 6750 §2). Does **not** look at the proof that belongs to DPoP.
 */
export function readAuthorization(request: PresentedRequest): PresentedAuthorization | undefined | Denial {
  const header = request.headers.authorization;
  if (header === undefined || header === '') return undefined;
  if (header.includes(',') && (namesScheme(header, 'bearer') || namesScheme(header, 'dpop')))
    return new Denial('authorization_ambiguous', 'several Authorization values');
  if (isOfScheme(header, 'bearer')) {
    const token = readToken(header, 'bearer', request);
    return token instanceof Denial ? token : { token };
  }
  if (!isOfScheme(header, 'dpop')) return undefined;
  const token = readToken(header, 'dpop', request);
  return token instanceof Denial ? token : { token, scheme: 'dpop' };
}

function readToken(header: string, scheme: 'bearer' | 'dpop', { path }: PresentedRequest): string | Denial {
  const token = header.slice(scheme.length + 1);
  if (header.slice(0, scheme.length + 1).toLowerCase() !== `${scheme} ` || !isToken68(token))
    return new Denial('authorization_malformed', describeSchemeFlaw(header, scheme));
  const query = path.indexOf('?');
  if (query >= 0 && hasParameter(path.slice(query + 1), 'access_token'))
    return new Denial('authorization_ambiguous', 'a token in the header and access_token in the query');
  return token;
}

/** `token68` of RFC 9110 §11.2. RFC 6750 §2.1 calls it b64token. */
function isToken68(text: string): boolean {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end--;
  return end > 0 && /^[A-Za-z0-9._~+/-]*$/.test(text.slice(0, end));
}
