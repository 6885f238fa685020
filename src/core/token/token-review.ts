import { recordOf } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import type { Attestation } from './authority.ts';
import { readReviewedAccount } from './reviewed-account.ts';

/**
 * The request of a TokenReview (`authentication.k8s.io/v1`). Audiences are always sent: without them the API
 * server uses its own, and would accept a token that was issued for itself.
 */
export function tokenReviewRequest(token: string, audiences: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences },
  });
}

/**
 * Reads the answer. The token is valid only if `status.authenticated` is true **and** `status.audiences`
 * contains one of the requested audiences: an API server without support for audiences omits them and has not
 * checked them. Malformed if the answer is not a TokenReview, which is a failure of the server. A failure
 * inside the API server (its store, a webhook) also arrives as `status.error`. It cannot be told from a
 * refusal, so it is treated as one.
 */
export function readTokenReview(
  answer: unknown,
  audiences: readonly string[],
): Attestation | Denial | Malformed {
  const { kind, status } = recordOf(answer);
  if (kind !== 'TokenReview' || typeof status !== 'object' || status === null)
    return new Malformed('not a TokenReview');
  const { authenticated, audiences: accepted, error, user } = recordOf(status);
  if (authenticated !== true)
    return new Denial(
      'token_review_refused',
      typeof error === 'string' ? quote(error) : 'authenticated is not true',
    );
  const common = Array.isArray(accepted) ? accepted.filter((one) => audiences.includes(one as string)) : [];
  if (common.length === 0)
    return new Denial(
      'token_audience_mismatch',
      'status.audiences of the TokenReview contains no requested audience',
    );
  const { username, extra } = recordOf(user);
  if (typeof username !== 'string' || username === '') return new Malformed('a TokenReview without a user');
  const account = readReviewedAccount(extra);
  if (account instanceof Malformed) return account;
  const attested = { claims: undefined, audiences: common as string[], username, cached: false };
  return account ? { ...attested, account } : attested;
}

/** For the log: shortened, without words as long as a part of a token. A host label has 63 at most. */
function quote(error: string): string {
  let text = '';
  for (let at = 0; at < error.length && text.length < 300; ) {
    const end = endOfWord(error, at);
    const length = end - at;
    text += length >= 64 ? '…' : error.slice(at, Math.max(end, at + 1));
    at = Math.max(end, at + 1);
  }
  return text.slice(0, 300);
}

/** The end of the base64 or base64url characters that begin here. */
function endOfWord(text: string, begin: number): number {
  let end = begin;
  while (end < text.length && /[\w+/=-]/.test(text.charAt(end))) end++;
  return end;
}
