import type { Party } from '../core/policy/actors.ts';
import type { Rule } from '../core/policy/rule.ts';
import { longestChain } from '../core/token/actors.ts';
import type { JsonObject } from '../lib/json.ts';
import { actClaim } from '../trial/claims.ts';
import { type MadeCaller, withClaim } from './caller.ts';
import { instancesOf } from './overlap.ts';
import type { Space } from './space.ts';

/** Entries, and names of each, that are tried for one rule. */
const mostEntries = 8;
const mostNames = 8;

/** Claims that give a token the actors that a rule wants, one for each way. Empty claims: a token without them. */
export function* actorClaimsOf({ actors }: Rule, space: Space): Generator<JsonObject> {
  if (!actors || actors.isOptional || actors.maxLength === 0) yield {};
  for (const { who, for: subjects } of actors?.allow.slice(0, mostEntries) ?? []) {
    const [sub] = namesOf(subjects, space);
    for (const name of namesOf(who, space))
      yield { act: actClaim([name]), ...(sub !== undefined && { sub }) };
  }
}

/** Tokens with other actors and other subjects, as far as the rules look at them. */
export function* actorVariants(
  caller: MadeCaller,
  rules: readonly Rule[],
  space: Space,
): Generator<MadeCaller> {
  const wanted = rules.flatMap(({ actors }) => actors ?? []);
  if (wanted.length === 0) return;
  const entries = wanted.flatMap(({ allow }) => allow.slice(0, mostEntries));
  const sender = caller.peer?.spiffeId ?? 'someone';
  const names = [...entries.flatMap(({ who }) => namesOf(who, space)), sender, 'someone'];
  yield withClaim(caller, ['act'], undefined);
  for (const name of new Set(names)) {
    const lengths = wanted.flatMap(({ maxLength }) => [1, maxLength, maxLength + 1]);
    for (const length of new Set(lengths))
      if (length > 0 && length <= longestChain)
        yield withClaim(caller, ['act'], actClaim(Array.from({ length }, () => name)));
    // The sender in front of it.
    if (name !== sender) yield withClaim(caller, ['act'], actClaim([sender, name]));
  }
  for (const sub of new Set([...entries.flatMap((one) => namesOf(one.for, space)), 'someone']))
    yield withClaim(caller, ['sub'], sub);
}

function namesOf(parties: readonly Party[], { fresh, longestId }: Space): readonly string[] {
  return parties.slice(0, mostNames).flatMap(({ text, pattern }) =>
    pattern
      ? instancesOf(pattern.path, fresh, longestId)
          .slice(0, 2)
          .map((path) => ['spiffe:/', pattern.trustDomain, ...path].join('/'))
      : [text],
  );
}
