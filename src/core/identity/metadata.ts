import type { BindingName } from '../binding/bind.ts';
import type { Decision } from '../decision.ts';
import { actorNames } from '../token/actors.ts';
import { headerValue } from './header-value.ts';

/** What is proven about a decision, as plain text, for the decision log and the dynamic metadata. */
export interface Facts {
  readonly decision_id: string;
  readonly effect: Decision['effect'];
  readonly reason: Decision['reason'];
  readonly rule: string | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly client_id: string | undefined;
  readonly actor: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly spiffe_id: string | undefined;
  readonly bound_by: BindingName | undefined;
  /** Of the WIT beside the token, if that is what proved whose the token is. */
  readonly workload: string | undefined;
}

/** Only proven facts: a token only after its signature was verified, a peer only after it was verified. */
export function decisionFacts({
  id,
  effect,
  reason,
  found: { rule, token, client, peer, boundBy, sender },
}: Decision): Facts {
  return {
    decision_id: id,
    effect,
    reason,
    rule: rule?.name,
    subject: token?.subject,
    issuer: token?.iss,
    client_id: client ?? token?.clientId,
    actor: token && actorNames(token)?.[0],
    scopes: token?.scopes,
    spiffe_id: peer?.spiffeId?.uri,
    bound_by: boundBy,
    workload: sender?.subject,
  };
}

type MetadataName = keyof Facts | 'email' | 'preferred_username' | 'groups';

/**
 * The dynamic metadata of an answer, for access logs and later policies: the facts, and on an allow the
 * identity that is also sent in headers. Texts are encoded like header values, and the quote too: Envoy
 * escapes nothing in a text access log, or in a header that a route creates from it.
 */
export function decisionMetadata(
  decision: Decision,
): Readonly<Record<MetadataName, string | readonly string[] | undefined>> {
  // What passes only because it is observed may have brought the token of somebody else.
  const shown = decision.reason === 'observed' ? { ...decision, found: decision.proven } : decision;
  const person = decision.effect === 'allow' ? shown.found.person : undefined;
  const facts = decisionFacts(shown);
  // Member by member: to change each text of an object afterwards takes half as much memory again, for each new token.
  return {
    decision_id: written(facts.decision_id),
    effect: facts.effect,
    reason: facts.reason,
    rule: written(facts.rule),
    subject: written(facts.subject),
    issuer: written(facts.issuer),
    client_id: written(facts.client_id),
    actor: written(facts.actor),
    scopes: allWritten(facts.scopes),
    spiffe_id: written(facts.spiffe_id),
    bound_by: facts.bound_by,
    workload: written(facts.workload),
    email: written(person?.email),
    preferred_username: written(person?.preferredUsername),
    groups: person?.groups.length ? allWritten(person.groups) : undefined,
  };
}

/** Undefined if it cannot be a header either: too long, or not Unicode. */
function written(value: string | undefined): string | undefined {
  return value === undefined ? undefined : headerValue([value], '"');
}

function allWritten(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.map(written).filter((text) => text !== undefined);
}
