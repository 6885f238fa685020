import type { Decision } from '../decision.ts';

/** What is proven of a decision, as plain text: the core of the log line, and of the dynamic metadata. */
export interface Facts {
  readonly decision_id: string;
  readonly effect: string;
  readonly reason: string;
  readonly rule: string | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly client_id: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly spiffe_id: string | undefined;
  readonly bound_by: string | undefined;
}

/** Only proven facts: a token stands here only after its signature held, a peer only after it was verified. */
export function factsOf({ id, effect, reason, found: { rule, token, peer, boundBy } }: Decision): Facts {
  return {
    decision_id: id,
    effect,
    reason,
    rule: rule?.name,
    subject: token?.subject,
    issuer: token?.iss,
    client_id: token?.clientId,
    scopes: token?.scopes,
    spiffe_id: peer?.spiffeId?.uri,
    bound_by: boundBy,
  };
}

/**
 * The dynamic metadata of an answer, for access logs and for policies that run later: the facts, and on an allow the
 * identity that also goes out in headers, as the issuer signed it.
 */
export function metadataOf(
  decision: Decision,
): Readonly<Record<string, string | readonly string[] | undefined>> {
  const facts = { ...factsOf(decision) };
  if (decision.effect !== 'allow') return facts;
  const person = decision.found.person;
  return {
    ...facts,
    email: person?.email,
    preferred_username: person?.preferredUsername,
    groups: person?.groups.length ? person.groups : undefined,
  };
}
