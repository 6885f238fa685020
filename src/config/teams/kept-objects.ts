import type { RuleObject } from '../../sources/rule-objects.ts';
import type { TeamMemory } from './admit.ts';

/** The objects for a process that knows none, with the forms of them that were accepted last. */
export function withLastGood(
  objects: readonly RuleObject[],
  { lastGood }: TeamMemory,
): readonly RuleObject[] {
  return objects.map((object) => ({
    ...withoutStatus(object),
    lastGood: lastGood.get(object.uid)?.text,
  }));
}

/** Only the process that watches needs it. */
export function withoutStatus(object: RuleObject): RuleObject {
  return { ...object, status: undefined };
}

/** The same objects, with the forms that another process knew of them. */
export function recalling(
  objects: readonly RuleObject[],
  kept: readonly RuleObject[],
): readonly RuleObject[] {
  const known = new Map(kept.map((object) => [object.uid, object.lastGood]));
  return objects.map((object) => {
    const lastGood = known.get(object.uid);
    return lastGood === undefined ? object : { ...object, lastGood };
  });
}
