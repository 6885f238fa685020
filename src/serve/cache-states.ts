import type { Policy } from '../core/authorize.ts';
import type { CacheState } from '../operate/states.ts';

type Caches = Pick<Policy, 'tokenCache' | 'certificates' | 'identityCache'>;

/** One row a cache: its name in the metrics. */
const names = {
  tokens: 'tokenCache',
  certificates: 'certificates',
  identities: 'identityCache',
} as const satisfies Record<string, keyof Caches>;

/**
 * The caches of the running configuration. A reload empties them, and what the earlier ones counted stays in
 * the sums. Checks that still use an earlier configuration after `retire` are not counted.
 */
export function createCacheStates(current: () => Caches) {
  const earlier = new Map<string, Pick<CacheState, 'hits' | 'misses'>>();
  const none = { hits: 0, misses: 0 };
  return {
    retire(caches: Caches): void {
      for (const [cache, place] of Object.entries(names)) {
        const { hits, misses } = earlier.get(cache) ?? none;
        const { hits: moreHits, misses: moreMisses } = caches[place];
        earlier.set(cache, { hits: hits + moreHits, misses: misses + moreMisses });
      }
    },
    states(): readonly CacheState[] {
      const caches = current();
      return Object.entries(names).map(([cache, place]) => {
        const before = earlier.get(cache) ?? none;
        const { hits, misses, bytes, capacity } = caches[place];
        return { cache, hits: before.hits + hits, misses: before.misses + misses, bytes, capacity };
      });
    },
  };
}
