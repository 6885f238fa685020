import { oldestFirst } from '../../sources/rule-object-store.ts';
import type { RuleObject } from '../../sources/rule-objects.ts';
import { withoutStatus } from './kept-objects.ts';

/** What one process tells another that knows the earlier objects. */
export interface ObjectChanges {
  readonly put: readonly RuleObject[];
  /** Keys of objects that are gone. */
  readonly gone: readonly string[];
}

/** What has to be told to a process that knew the earlier objects. */
export function changesOf(before: readonly RuleObject[], now: readonly RuleObject[]): ObjectChanges {
  const known = new Map(before.map((object) => [object.key, object]));
  const put = now
    .filter(({ key, uid, generation }) => {
      const earlier = known.get(key);
      return earlier?.uid !== uid || earlier.generation !== generation;
    })
    .map(withoutStatus);
  for (const { key } of now) known.delete(key);
  return { put, gone: [...known.keys()] };
}

/** The objects after a change, the oldest first. */
export function withChanges(
  objects: readonly RuleObject[],
  { put, gone }: ObjectChanges,
): readonly RuleObject[] {
  const next = new Map(objects.map((object) => [object.key, object]));
  for (const key of gone) next.delete(key);
  for (const object of put) next.set(object.key, object);
  return oldestFirst([...next.values()]);
}
