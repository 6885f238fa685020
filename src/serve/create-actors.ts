import type { Config, RuleConfig } from '../config/schema.ts';
import type { ActorRequirement, Party } from '../core/policy/actors.ts';

type ActorsConfig = NonNullable<NonNullable<RuleConfig['require']>['actors']>;

/** Gives each client of a rule the issuers at which it is registered. One that is not registered has none. */
export function createActors(
  { allow, maxLength, optional }: ActorsConfig,
  clients: Config['clients'],
): ActorRequirement {
  const withIssuers = (party: Party): Party => {
    if (party.pattern) return party;
    const client = Object.hasOwn(clients, party.text) ? clients[party.text] : undefined;
    return { ...party, issuers: client ? client.issuers : [] };
  };
  return {
    allow: allow.map(({ who, for: subjects }) => ({ who: who.map(withIssuers), for: subjects })),
    maxLength,
    isOptional: optional || maxLength === 0,
  };
}
