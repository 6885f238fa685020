import type { Config } from '../config/schema.ts';
import { Denial } from '../core/denial.ts';
import { strangersIn } from '../core/policy/actors.ts';
import { type Actor, clientOfActor, readActors } from '../core/token/actors.ts';
import type { VerifiedToken } from '../core/token/verified-token.ts';
import { append, type Change, type Propose, placeOf } from './change.ts';

/** The actors that the rule does not name, for the subject of the token only, and the length of their chain. */
export const addActor: Propose = ({ decision: { found }, loaded }) => {
  const { rule, token } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  const actors = token && readActors(token);
  // A rule that wants no actor says so, and nothing else.
  if (!place || !rule.actors || rule.actors.maxLength === 0 || !actors || actors instanceof Denial) return [];
  const { clients } = loaded.config;
  const who = strangersIn(token, actors, rule.actors).map((actor) => partyOf(actor, token, clients));
  if (who.some((party) => party === undefined || party.length > 256)) return [];
  const at = [...place, 'require', 'actors'];
  const { subject } = token;
  const entry = { who: [...new Set(who)], ...(subject !== undefined && { for: [subject] }) };
  const isLonger = actors.length > rule.actors.maxLength;
  const amendments: Change['amendments'] = [
    ...(isLonger ? [{ kind: 'set', path: [...at, 'maxLength'], value: actors.length } as const] : []),
    ...(who.length > 0 ? [append([...at, 'allow'], entry)] : []),
  ];
  return [
    {
      amendments,
      what: `accepts the actors of this token in the rule ${rule.name}`,
      also: isLonger
        ? `every chain of up to ${actors.length} actors that the rule names`
        : `every token for ${subject ?? 'any subject'} that ${entry.who.join(' or ')} sends`,
    },
  ];
};

/** Undefined for an actor that a rule cannot name: a client that is not registered, or one of another issuer. */
function partyOf(actor: Actor, token: VerifiedToken, clients: Config['clients']): string | undefined {
  if (actor.spiffeId !== undefined) return actor.spiffeId;
  const client = clientOfActor(actor, token);
  return client !== undefined && Object.hasOwn(clients, client) ? client : undefined;
}
