import { excerpt, valueText } from '../../lib/excerpt.ts';
import { isRecord, type JsonObject } from '../../lib/json.ts';
import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readAuthorization } from '../token/authorization.ts';
import type { Digest } from '../token/verify-token.ts';
import { wpt } from '../token/wit-carriers.ts';

const { claims, transactionTokenHeader } = wpt;

/** An honest sender has one or two. Each costs a hash of a header. */
const mostOthers = 8;

/**
 * Checks that a proof was made for the tokens of this request (draft-ietf-wimse-wpt-02 §2): the identity
 * token always; an access token (RFC 6750 §2.1, RFC 9449 §7.1) and a transaction token if one of claim and token is
 * there. So a token cannot be added to a proof, and a proof cannot be moved to another token. Whether these
 * tokens are valid does **not** matter here.
 */
export function checkTokenHashes(
  payload: JsonObject,
  request: PresentedRequest,
  identityToken: string,
  digest: Digest,
): Denial | undefined {
  // Another reader may see a token where this one sees a flaw.
  const access = readAuthorization(request);
  if (access instanceof Denial) return mismatch(`no proof can name this access token: ${access.detail}`);
  const held: readonly [claim: string, token: string | undefined, what: string][] = [
    [claims.identityToken, identityToken, 'identity token'],
    [claims.accessToken, access?.token, 'access token'],
    [claims.transactionToken, request.headers[transactionTokenHeader], 'transaction token'],
  ];
  for (const [claim, token, what] of held) {
    const value = payload[claim];
    if (token === undefined && value === undefined) continue;
    if (token === undefined) return mismatch(`${claim} is there, and the request has no ${what}`);
    if (value !== digest(token))
      return mismatch(`${claim} is ${describe(value)} of the ${what} that was sent`);
  }
  return undefined;
}

/**
 * Checks the other headers that a proof was made for: `oth` has the hash of each by its name. What is no
 * name and hash, or a header that was not sent, is refused as the draft demands. Headers that `oth` does
 * not name are **not** proven. Costs up to eight hashes of long headers, so it runs after the signature.
 */
export function checkOtherHashes(
  payload: JsonObject,
  { headers }: PresentedRequest,
  digest: Digest,
): Denial | undefined {
  const others = payload[claims.otherTokens];
  if (others === undefined) return undefined;
  if (!isRecord(others)) return new Denial('proof_malformed', `wit: ${claims.otherTokens} is not an object`);
  const entries = Object.entries(others);
  if (entries.length > mostOthers)
    return new Denial('proof_malformed', `wit: ${claims.otherTokens} has more than ${mostOthers} members`);
  for (const [name, value] of entries) {
    const header = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (header === undefined)
      return mismatch(`oth names ${excerpt(name)}, which was not sent or is not read`);
    if (value !== digest(withoutSpaces(header))) return mismatch(`oth is not the hash of ${excerpt(name)}`);
  }
  return undefined;
}

/** Without leading and trailing spaces (wpt-02 §2). */
function withoutSpaces(text: string): string {
  let [from, to] = [0, text.length];
  while (text.charCodeAt(from) === 0x20) from++;
  while (to > from && text.charCodeAt(to - 1) === 0x20) to--;
  return text.slice(from, to);
}

function describe(value: unknown): string {
  return value === undefined
    ? 'missing, which must be the hash'
    : `${valueText(value, 50)}, and not the hash`;
}

function mismatch(why: string): Denial {
  return new Denial('proof_token_mismatch', `wit: ${why}`);
}
