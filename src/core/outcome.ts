import type { CheckOutcome, RefusedOutcome, Refusing } from './decision.ts';
import { DependencyError } from './denial.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Findings } from './findings.ts';
import { identityOf } from './identity/known-identity.ts';
import type { MintRequest } from './internal-token/mint.ts';
import { findDestination } from './internal-token/policy.ts';
import type { Authorization, Policy } from './judgement.ts';
import type { AllowReason } from './reasons.ts';

/**
 * Turns the end of a check into its outcome. Every failure becomes one that keeps the request out: 503 for an
 * outage, 500 for a bug. Never throws.
 * @param isLate tested after the last await: an answer that is too late must not be an allow
 */
export function conclude(
  authorization: Authorization,
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  isLate: boolean,
): CheckOutcome {
  const refused = refusalOf(authorization, isLate);
  if (refused) return refused;
  const { found } = authorization;
  try {
    const asked = found.token && mintRequest(evidence, policy, moment);
    const identity = identityOf(found, evidence.request?.headers ?? {}, policy, asked);
    return { found, effect: 'allow', reason: reasonOf(found), identity };
  } catch (error) {
    return failed(error, found);
  }
}

/** Undefined unless tokens are minted. */
export function mintRequest(
  evidence: Evidence,
  { identity: { internalToken } }: Policy,
  { now, id = '' }: Moment,
): MintRequest | undefined {
  return internalToken?.mint && { destination: findDestination(evidence, internalToken), now, id };
}

/** Undefined if nothing keeps the request out. */
export function refusalOf(
  { found, denial, failure }: Authorization,
  isLate: boolean,
): RefusedOutcome | undefined {
  if (failure) return failed(failure.error, found);
  if (isLate) return failed(tooLate('the answer'), found);
  if (!denial) return undefined;
  const { reason, detail, hint } = denial;
  return { found, effect: 'deny', reason, detail, hint };
}

function reasonOf({ rule, token }: Findings): Exclude<AllowReason, 'observed'> {
  if (rule?.public) return 'public';
  return rule?.tokenIsOptional && !token ? 'anonymous' : 'allowed';
}

export function tooLate(what: string): DependencyError {
  return new DependencyError('deadline_exceeded', `${what} came too late`, 1);
}

/** The outcome of anything that was thrown. */
export function failed(error: unknown, found: Findings): RefusedOutcome {
  if (!(error instanceof DependencyError)) return unexpected(error, found);
  const { reason, message: detail, retryAfter } = error;
  return { found, effect: 'unavailable', reason, detail, retryAfter };
}

function unexpected(error: unknown, found: Findings): RefusedOutcome {
  return { found, effect: 'unavailable', reason: 'internal_error', detail: describe(error) };
}

/** The answer to an error in a door's own code, outside of a check. */
export function failure(error: unknown): Refusing {
  return { id: '', ...unexpected(error, {}) };
}

/** Any value can be thrown, even one that cannot be converted to a string. */
function describe(error: unknown): string {
  try {
    return String(error instanceof Error ? error.stack : error);
  } catch {
    return 'the value that was thrown cannot be converted to a string';
  }
}
