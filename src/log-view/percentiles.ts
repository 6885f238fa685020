/** Two neighbouring buckets differ by two percent. */
const perFactor = 1 / Math.log(1.02);
/** The last bucket is for everything above two hours. */
const buckets = Math.ceil(Math.log(1e10) * perFactor);

export interface Percentiles {
  add(value: number, weight: number): void;
  /** Undefined without a value. Is off by one percent at most, for values from 0 to 1e10. */
  at(share: number): number | undefined;
}

/** Percentiles of any number of values, in a fixed memory. */
export function createPercentiles(): Percentiles {
  const counts = new Float64Array(buckets + 1);
  let total = 0;
  return {
    add(value, weight) {
      const bucket = Math.min(Math.round(Math.log(Math.max(value, 1)) * perFactor), buckets);
      counts[bucket] = (counts[bucket] ?? 0) + weight;
      total += weight;
    },
    at(share) {
      let missing = total * share;
      const bucket = counts.findIndex((count) => {
        missing -= count;
        return count > 0 && missing <= 0;
      });
      return bucket < 0 ? undefined : Math.exp(bucket / perFactor);
    },
  };
}
