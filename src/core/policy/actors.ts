import { listed, quoted } from '../../lib/excerpt.ts';
import { Malformed } from '../../lib/malformed.ts';
import type { RegisteredClient } from '../binding/proof.ts';
import { Denial } from '../denial.ts';
import { matchesSpiffePattern, parseSpiffeId, type SpiffeId, type SpiffePattern } from '../peer/spiffe-id.ts';
import { type Actor, clientOfActor, readActors } from '../token/actors.ts';
import type { VerifiedToken } from '../token/verified-token.ts';

/** Who may act for whom, as a rule says it (RFC 8693 §4.1). */
export interface ActorRequirement {
  /** Every actor of a chain must have an entry that is for the subject of the token. */
  readonly allow: readonly Grant[];
  /** The most actors of a chain. 0: a token must not have one. */
  readonly maxLength: number;
  /** Whether a token without an actor is accepted. */
  readonly isOptional: boolean;
}

export interface Grant {
  readonly who: readonly Party[];
  /** Empty: for every subject. */
  readonly for: readonly Party[];
}

/** A pattern of SPIFFE IDs, or a name that is compared as it is. */
export interface Party {
  readonly text: string;
  readonly pattern: SpiffePattern | undefined;
  /** Of an actor that is a client, as it is registered in `clients`. */
  readonly client?: RegisteredClient | undefined;
}

/**
 * Checks the actors of a token against a rule. Prior actors can only make it refuse: none of them gives the
 * request anything that the current actor does not have. Does **not** check that the sender is the current
 * actor, which the binding proves.
 */
export function checkActors(
  required: ActorRequirement | undefined,
  token: VerifiedToken,
): Denial | undefined {
  if (!required) return undefined;
  const actors = readActors(token);
  if (actors instanceof Denial) return actors;
  const { maxLength, isOptional } = required;
  if (actors.length === 0)
    return isOptional
      ? undefined
      : new Denial('actor_missing', 'the token has no act, and the rule wants an actor');
  if (actors.length > maxLength)
    return refused(`the token has ${count(actors.length)}, and the rule accepts ${count(maxLength)}`);
  const [stranger] = strangersIn(token, actors, required);
  if (!stranger) return undefined;
  const which = stranger === actors[0] ? 'the current actor' : 'a prior actor';
  const whom = token.subject === undefined ? 'nobody' : quoted(token.subject, 100);
  const accepted = namesOf(grantsFor(required.allow, token.subject));
  return refused(`${which} is ${quoted(stranger.name, 150)}; for ${whom} the rule accepts ${accepted}`);
}

/** The actors of a token that a rule does not name for its subject. */
export function strangersIn(
  token: VerifiedToken,
  actors: readonly Actor[],
  { allow }: ActorRequirement,
): readonly Actor[] {
  const fitting = grantsFor(allow, token.subject);
  return actors.filter((actor) => !isNamed(actor, token, fitting));
}

function grantsFor(allow: readonly Grant[], subject: string | undefined): readonly Grant[] {
  const id = spiffeIdIn(subject);
  return allow.filter(
    ({ for: subjects }) => subjects.length === 0 || subjects.some((party) => isParty(party, id, subject)),
  );
}

function refused(why: string): Denial {
  return new Denial('actor_not_allowed', why);
}

function count(actors: number): string {
  if (actors === 0) return 'none';
  return actors === 1 ? 'one actor' : `${actors} actors`;
}

function isNamed(actor: Actor, token: VerifiedToken, fitting: readonly Grant[]): boolean {
  const client = clientOfActor(actor, token);
  const id = spiffeIdIn(actor.spiffeId);
  return fitting.some(({ who }) =>
    who.some(
      (party) =>
        isParty(party, id, client) && (party.pattern || isRegistered(party.client, id, token.issuer)),
    ),
  );
}

/** A client is registered at the issuer, and for the workload that the actor is, if it names one. */
function isRegistered(
  client: RegisteredClient | undefined,
  id: SpiffeId | undefined,
  issuer: string,
): boolean {
  if (!client || !(client.issuers?.includes(issuer) ?? true)) return false;
  return id === undefined || client.workloads.some((pattern) => matchesSpiffePattern(pattern, id));
}

function isParty({ pattern, text }: Party, id: SpiffeId | undefined, name: string | undefined): boolean {
  return pattern ? id !== undefined && matchesSpiffePattern(pattern, id) : text === name;
}

function spiffeIdIn(text: string | undefined): SpiffeId | undefined {
  const id = text?.startsWith('spiffe://') ? parseSpiffeId(text) : undefined;
  return id instanceof Malformed ? undefined : id;
}

function namesOf(fitting: readonly Grant[]): string {
  const texts = fitting.flatMap(({ who }) => who.map(({ text }) => text));
  return texts.length === 0 ? 'nobody' : listed(texts, 3, 100);
}
