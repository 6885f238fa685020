import type { Config, RuleConfig } from '../config/schema.ts';
import type { ActorRequirement, Party } from '../core/policy/actors.ts';

type ActorsConfig = NonNullable<NonNullable<RuleConfig['require']>['actors']>;

/** Gives each client of a rule its entry in `clients`. One that is not registered has none. */
export function createActors(
  { allow, maxLength, optional }: ActorsConfig,
  clients: Config['clients'],
): ActorRequirement {
  const withClient = (party: Party): Party =>
    party.pattern
      ? party
      : { ...party, client: Object.hasOwn(clients, party.text) ? clients[party.text] : undefined };
  return {
    allow: allow.map(({ who, for: subjects }) => ({ who: who.map(withClient), for: subjects })),
    maxLength,
    isOptional: optional || maxLength === 0,
  };
}
