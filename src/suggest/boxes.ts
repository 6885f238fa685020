/** A product of lists: it holds every combination of one value of each list. `members` are what it was made of. */
export interface Box<Name extends string, Member> {
  readonly lists: Readonly<Record<Name, readonly string[]>>;
  readonly members: readonly Member[];
}

/**
 * Joins boxes that differ in one list only, one name after the other. The result holds the combinations of the
 * given boxes and no others, whatever is joined, because a join changes one list of equal products. It does not
 * depend on the order of the boxes. The boxes must have no combination in common. Does not find the smallest
 * number of boxes.
 */
export function joinBoxes<Name extends string, Member>(
  boxes: readonly Box<Name, Member>[],
  names: readonly NoInfer<Name>[],
): readonly Box<Name, Member>[] {
  return names.reduce<readonly Box<Name, Member>[]>((joined, name) => joinAlong(joined, name), boxes);
}

function joinAlong<Name extends string, Member>(boxes: readonly Box<Name, Member>[], name: Name) {
  const groups = Map.groupBy(boxes, ({ lists }) => JSON.stringify(sortedEntries({ ...lists, [name]: [] })));
  return [...groups.values()].map(
    (group): Box<Name, Member> => ({
      lists: {
        ...(group[0] as Box<Name, Member>).lists,
        [name]: distinct(group.flatMap(({ lists }) => lists[name])),
      },
      members: group.flatMap(({ members }) => members),
    }),
  );
}

function sortedEntries(lists: object): readonly unknown[] {
  return Object.entries(lists).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Each value once, in the order of their characters. */
export function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
