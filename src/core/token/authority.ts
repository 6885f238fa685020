import type { Denial } from '../denial.ts';
import type { Moment } from '../evidence.ts';

/** What an authority said of a token that it knows. */
export interface Attestation {
  /** Claims of its answer (introspection); undefined where it vouches for those in the token (TokenReview). */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** The audiences that it accepted the token for, where it says so. */
  readonly audiences: readonly string[] | undefined;
  /** Whom it took the token for, where it says so. */
  readonly username: string | undefined;
  /** Whether this is what it said earlier. */
  readonly cached: boolean;
}

/** Somebody who is asked about a token: the API server (TokenReview) or the authorization server (RFC 7662). */
export interface TokenAuthority {
  /** @throws DependencyError where it did not answer, or not in time: never a denial. */
  ask(token: string, digest: string, moment: Moment): Promise<Attestation | Denial>;
}
