import type { JsonObject } from '../../lib/json.ts';
import type { Denial } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import type { ReviewedAccount } from './reviewed-account.ts';

/** What an authority said about a token that it accepts. */
export interface Attestation {
  /** Claims of its answer (introspection). Undefined if it vouches for the token's own (TokenReview). */
  readonly claims: JsonObject | undefined;
  /** The audiences that it accepted the token for, if it names them. */
  readonly audiences: readonly string[] | undefined;
  /** The user that the token belongs to, if it names one. */
  readonly username: string | undefined;
  /** What it adds about the ServiceAccount of the token. */
  readonly account?: ReviewedAccount | undefined;
  /** Whether this is an earlier answer. */
  readonly cached: boolean;
}

/** Answers questions about tokens: the API server (TokenReview) or the authorization server (RFC 7662). */
export interface TokenAuthority {
  /** @throws DependencyError if it did not answer in time. An outage is never a denial. */
  ask(token: string, digest: string, moment: Moment): Promise<Attestation | Denial>;
}
