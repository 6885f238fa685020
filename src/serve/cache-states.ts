import type { Policy } from '../core/judgement.ts';
import type { CacheState } from '../operate/states.ts';

type Caches = Pick<Policy, 'tokenCache' | 'certificates' | 'identityCache' | 'identity'>;
type Counted = Pick<Policy['tokenCache'], 'hits' | 'misses' | 'bytes' | 'capacity'>;

/** One row a cache: its name in the metrics. Undefined if the configuration has none. */
const rows: Readonly<Record<string, (caches: Caches) => Counted | undefined>> = {
  tokens: ({ tokenCache }) => tokenCache,
  certificates: ({ certificates }) => certificates,
  identities: ({ identityCache }) => identityCache,
  internal_tokens: ({ identity }) => identity.internalToken?.mint?.minted,
};

/**
 * The caches of the running configuration. A reload empties them, and what the earlier ones counted stays in
 * the sums. Checks that still use an earlier configuration after `retire` are not counted.
 */
export function createCacheStates(current: () => Caches) {
  const earlier = new Map<string, Pick<CacheState, 'hits' | 'misses'>>();
  const none = { hits: 0, misses: 0 };
  return {
    retire(caches: Caches): void {
      for (const [cache, read] of Object.entries(rows)) {
        const { hits, misses } = earlier.get(cache) ?? none;
        const { hits: moreHits, misses: moreMisses } = read(caches) ?? none;
        earlier.set(cache, { hits: hits + moreHits, misses: misses + moreMisses });
      }
    },
    states(): readonly CacheState[] {
      const caches = current();
      return Object.entries(rows).flatMap(([cache, read]) => {
        const before = earlier.get(cache) ?? none;
        const counted = read(caches);
        if (!counted) return [];
        const { hits, misses, bytes, capacity } = counted;
        return [{ cache, hits: before.hits + hits, misses: before.misses + misses, bytes, capacity }];
      });
    },
  };
}
