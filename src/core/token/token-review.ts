import { recordOf } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import type { Attestation } from './authority.ts';

/**
 * The request of `authentication.k8s.io/v1` TokenReview. Audiences are always sent: without them the API server asks for
 * its own, and accepts a token that was meant for itself.
 */
export function tokenReviewRequest(token: string, audiences: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences },
  });
}

/**
 * Reads the answer. The token is good only if `status.authenticated` is true **and** `status.audiences` holds one of
 * those asked for: an API server that does not know audiences leaves them out, and has not checked them. Malformed where
 * this is no TokenReview, which is the server's failure and not the token's. A failure inside the API server, of its
 * store or a webhook, arrives as `status.error` too and cannot be told from a refusal: it counts as one.
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
      'status.audiences of the TokenReview holds none that was asked for',
    );
  const { username } = recordOf(user);
  if (typeof username !== 'string' || username === '') return new Malformed('a TokenReview without a user');
  return { claims: undefined, audiences: common as string[], username, cached: false };
}

/** For the log: short, and without anything as long as a part of a token; a label of a host name has 63 characters at most. */
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

/** Where the characters of base64 and base64url end that begin here. */
function endOfWord(text: string, begin: number): number {
  let end = begin;
  while (end < text.length && /[\w+/=-]/.test(text.charAt(end))) end++;
  return end;
}
