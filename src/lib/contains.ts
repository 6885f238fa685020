import type { Pattern } from './pattern.ts';

/** Steps that a comparison may still take. Shared by many comparisons, so that all of them are bounded. */
export interface Effort {
  left: number;
}

/** A place in one of the wide patterns. */
interface Place {
  readonly pattern: Pattern;
  readonly at: number;
}

/**
 * Whether each list of segments that `narrow` matches is matched by one of `wide`. Exact as long as there is
 * effort left; after that it is false. With `emptyEnd` the last segment of a list may be empty, and `*` does
 * not match it: so the router reads a slash at the end that counts.
 *
 * Both are read as automata: it follows each way through `narrow`, together with all places in `wide` that
 * the same segments lead to, and looks for a way that ends where no place is an end.
 */
export function contains(
  wide: readonly Pattern[],
  narrow: Pattern,
  effort: Effort,
  emptyEnd = false,
): boolean {
  const hopeful = wide.filter((pattern) => beginsAlike(pattern, narrow));
  effort.left -= wide.length;
  if (hopeful.length === 0) return false;
  const numbers = new Map(hopeful.map((pattern, number) => [pattern, number]));
  const start = reduced(hopeful.flatMap((pattern) => closure({ pattern, at: 0 })));
  const open: { at: number; places: readonly Place[] }[] = [{ at: 0, places: start }];
  const seen = new Set<string>();
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, places } = next;
    const key = `${at} ${places.map((place) => `${numbers.get(place.pattern)}:${place.at}`).join(' ')}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const part = narrow[at];
    if (part === undefined) {
      if (!places.some(isEnd)) return false;
      continue;
    }
    const segments = isWildcard(part) ? [...literalsAt(places), other] : [part];
    effort.left -= places.length * segments.length + 1;
    if (effort.left < 0) return false;
    if (part === '**') {
      open.push({ at: at + 1, places });
      if (emptyEnd && narrow[at + 1] === undefined && !after(places, '').some(isEnd)) return false;
    }
    for (const segment of segments)
      if (segment !== '' || !isWildcard(part))
        open.push({ at: part === '**' ? at : at + 1, places: after(places, segment) });
  }
  return true;
}

/** Stands for every segment that no pattern writes out. */
const other = '?';

function isWildcard(part: string | undefined): boolean {
  return part === '*' || part === '**';
}

/** A cheap look first: most patterns begin with different segments. A `**` may begin with any. */
function beginsAlike([first]: Pattern, [wanted]: Pattern): boolean {
  if (wanted === '**') return true;
  return first === undefined || first === '**' || first === wanted || (first === '*' && wanted !== undefined);
}

function isEnd({ pattern, at }: Place): boolean {
  return at === pattern.length;
}

function literalsAt(places: readonly Place[]): readonly string[] {
  return [...new Set(places.flatMap(({ pattern, at }) => pattern[at] ?? []))].filter(
    (part) => !isWildcard(part),
  );
}

/** The places that one segment leads to. */
function after(places: readonly Place[], segment: string): readonly Place[] {
  return reduced(
    places.flatMap(({ pattern, at }) => {
      const part = pattern[at];
      if (part === '**') return closure({ pattern, at });
      const fits = part === segment || (part === '*' && segment !== '');
      return fits ? closure({ pattern, at: at + 1 }) : [];
    }),
  );
}

/** The place, and the one behind it if it stands at `**`, which also matches no segment. */
function closure(place: Place): readonly Place[] {
  const { pattern, at } = place;
  return pattern[at] === '**' ? [place, { pattern, at: at + 1 }] : [place];
}

/** Without places before a `**` that is reached: what they can match, it matches too. */
function reduced(places: readonly Place[]): readonly Place[] {
  const reached = new Map<Pattern, number>();
  for (const { pattern, at } of places)
    if (pattern[at] === '**') reached.set(pattern, Math.max(reached.get(pattern) ?? 0, at));
  const kept = new Map<Pattern, Set<number>>();
  for (const { pattern, at } of places) {
    if (at < (reached.get(pattern) ?? 0)) continue;
    const known = kept.get(pattern);
    if (known) known.add(at);
    else kept.set(pattern, new Set([at]));
  }
  return [...kept].flatMap(([pattern, list]) =>
    [...list].sort((a, b) => a - b).map((at) => ({ pattern, at })),
  );
}
