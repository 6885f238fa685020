import { normalizePath } from '../../src/core/policy/path.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { readVectors } from './vectors.ts';

/** Each path of Istio's table once: what clients send, and what one of its modes makes of it; null where one refuses it. */
export function istioPaths(): readonly string[] {
  const pairs = readVectors<readonly (readonly [sent: string, made: string | null])[]>(
    'istio-path-normalization.json',
  );
  return [...new Set(pairs.flat())].filter((path) => path !== null);
}

/** How many of them are taken as they stand, and why the others are not. */
export function judgePaths(): { readonly accepted: number; readonly refused: ReadonlyMap<string, number> } {
  const refused = new Map<string, number>();
  let accepted = 0;
  for (const path of istioPaths()) {
    const normal = normalizePath(path);
    if (normal instanceof Malformed) refused.set(normal.why, (refused.get(normal.why) ?? 0) + 1);
    else accepted++;
  }
  return { accepted, refused };
}
