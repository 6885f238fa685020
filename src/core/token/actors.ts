import { quoted } from '../../lib/excerpt.ts';
import { filledText, isRecord, type JsonObject } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import { parseSpiffeId } from '../peer/spiffe-id.ts';
import type { VerifiedToken } from './verified-token.ts';

/** A party that acts for the subject of a token, or did so earlier (RFC 8693 §4.1). */
export interface Actor {
  readonly subject: string | undefined;
  /** The issuer that knows it by these names. Undefined: the issuer of the token. */
  readonly iss: string | undefined;
  readonly clientId: string | undefined;
  /** `subject` if it is a SPIFFE ID, which means the same at every issuer. Only the text is kept, for less memory. */
  readonly spiffeId: string | undefined;
  /** For people and conditions: `sub`, else `client_id`, after `iss` if that is another issuer than the token's. */
  readonly name: string;
}

/** The longest chain that any rule can accept. */
export const longestChain = 8;

/**
 * Reads the chain of `act` (RFC 8693 §4.1). The first is the current actor, who sends the request; the last
 * acted first. Empty if there is none. Each link must be an object with a `sub` or a `client_id`; other members
 * are **not** read. If the token has `may_act` too (§4.4), it must name the current actor. Without `act` it is
 * **not** read: it then only tells an authorization server who may become the actor.
 */
export function readActors(token: ActorToken): readonly Actor[] | Denial {
  const { act } = token.claims;
  if (act === undefined) return nobody;
  if (!isRecord(act)) return new Denial('actor_malformed', 'act is not an object');
  const known = chains.get(act);
  if (known) return known;
  const chain = readChain(act, token);
  chains.set(act, chain);
  return chain;
}

/** What names of actors depend on. */
export type ActorToken = Pick<VerifiedToken, 'claims' | 'iss' | 'clientId'>;

const nobody: readonly Actor[] = [];

/** What was read from the `act` of a token that is cached. Claims never change. */
const chains = new WeakMap<object, readonly Actor[] | Denial>();

function readChain(act: JsonObject, token: ActorToken): readonly Actor[] | Denial {
  const chain: Actor[] = [];
  for (let link: unknown = act; link !== undefined; link = (link as JsonObject).act) {
    if (chain.length === longestChain)
      return new Denial('actor_malformed', `act is a chain of more than ${longestChain} actors`);
    const actor = readParty(link, token);
    if (actor instanceof Malformed) return new Denial('actor_malformed', `act ${actor.why}`);
    chain.push(actor);
  }
  return findContradiction(token, chain[0]) ?? chain;
}

/** An actor, or the party of `may_act`. */
function readParty(value: unknown, token: ActorToken): Actor | Malformed {
  if (!isRecord(value)) return new Malformed('is not an object');
  for (const name of ['sub', 'iss', 'client_id'])
    if (value[name] !== undefined && filledText(value[name]) === undefined)
      return new Malformed(`has a ${name} that is not a non-empty string`);
  const { sub, iss, client_id: client } = value as Readonly<Record<string, string | undefined>>;
  const own = sub ?? client;
  if (own === undefined) return new Malformed('has neither sub nor client_id');
  const spiffeId = sub?.startsWith('spiffe://') ? sub : undefined;
  const wrong = spiffeId === undefined ? undefined : parseSpiffeId(spiffeId);
  if (wrong instanceof Malformed) return new Malformed(`has a sub that is not a SPIFFE ID: ${wrong.why}`);
  const name = spiffeId || iss === undefined || iss === token.iss ? own : `${iss} ${own}`;
  return { subject: sub, iss, clientId: client, spiffeId, name };
}

/** Why the current actor is not the party that `may_act` names: each member there must be the actor's. */
function findContradiction(token: ActorToken, actor: Actor | undefined): Denial | undefined {
  const { may_act: mayAct } = token.claims;
  if (mayAct === undefined || actor === undefined) return undefined;
  const party = readParty(mayAct, token);
  if (party instanceof Malformed) return new Denial('actor_malformed', `may_act ${party.why}`);
  const isSame =
    (party.iss ?? token.iss) === (actor.iss ?? token.iss) &&
    (party.subject ?? actor.subject) === actor.subject &&
    (party.clientId === undefined || party.clientId === (actor.clientId ?? token.clientId));
  if (isSame) return undefined;
  return new Denial(
    'actor_mismatch',
    `the actor is ${quoted(actor.name, 150)}, and may_act names ${quoted(party.name, 150)}`,
  );
}

/**
 * The OAuth client that an actor is: its `client_id`, else its `sub`. Undefined if it is a SPIFFE ID only, or if
 * another issuer gave it this name, because `clients` has the clients of the issuer of the token.
 */
export function clientOfActor(
  { iss, clientId, spiffeId, subject }: Actor,
  token: Pick<VerifiedToken, 'iss'>,
): string | undefined {
  if (iss !== undefined && iss !== token.iss) return undefined;
  return clientId ?? (spiffeId ? undefined : subject);
}

/** The names of the actors, the current one first. Undefined if they cannot be read. */
export function actorNames(token: ActorToken): readonly string[] | undefined {
  const actors = readActors(token);
  if (actors instanceof Denial) return undefined;
  return actors === nobody ? noNames : actors.map(({ name }) => name);
}

/** Most tokens have no actor, and their names are asked for at each check. */
const noNames: readonly string[] = [];
