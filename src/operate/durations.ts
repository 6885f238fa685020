import type { Histogram, Registry } from 'prom-client';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';

type Effect = Decision['effect'];

/** The checks of one effect and one door. */
interface Cell {
  /** Checks in each bucket alone. The last one has those above all bounds. */
  readonly buckets: number[];
  seconds: number;
  checks: number;
}

/** All checks since the start of the process: by effect, and by time. `buckets` has one entry more than bounds. */
export interface CheckTotals extends Readonly<Record<Effect, number>> {
  readonly buckets: readonly number[];
}

const effects: readonly Effect[] = ['allow', 'deny', 'unavailable', 'answer'];
const doors: readonly Door[] = ['grpc', 'http', 'forward-auth'];
const labelNames = ['effect', 'door'];

/**
 * Adds a histogram of checks, by effect and door, to a registry. It is written at each check, so it finds its
 * cell by two properties. prom-client would make a text of both labels each time.
 * @param bounds in seconds, rising
 * @returns `count` counts one check, and a time that is not a number counts as the longest; `totals` reads all
 */
export function addDurations(
  registry: Registry,
  {
    name,
    help,
    bounds,
  }: { readonly name: string; readonly help: string; readonly bounds: readonly number[] },
) {
  const cells = byEach(doors, () =>
    byEach(effects, (): Cell => ({ buckets: Array(bounds.length + 1).fill(0), seconds: 0, checks: 0 })),
  );
  const type = 'histogram';
  const aggregator = 'sum';
  const get = async () => ({ name, help, type, aggregator, values: read() });
  const metric = { name, help, type, aggregator, labelNames, get, reset: () => undefined };
  registry.registerMetric(metric as unknown as Histogram);
  return {
    count(effect: Effect, door: Door, seconds: number): void {
      const cell = cells[door][effect];
      let bucket = 0;
      while (bucket < bounds.length && !(seconds <= (bounds[bucket] as number))) bucket++;
      (cell.buckets[bucket] as number)++;
      cell.seconds += seconds;
      cell.checks++;
    },
    totals(): CheckTotals {
      const all = doors.flatMap((door) => effects.map((effect) => cells[door][effect].buckets));
      const checks = effects.map((effect) => [
        effect,
        doors.reduce((sum, door) => sum + cells[door][effect].checks, 0),
      ]);
      return {
        ...(Object.fromEntries(checks) as Record<Effect, number>),
        buckets: [...bounds, 0].map((_, index) => all.reduce((sum, one) => sum + (one[index] ?? 0), 0)),
      };
    },
  };

  function read() {
    return doors.flatMap((door) =>
      effects.flatMap((effect) => {
        const { buckets, seconds, checks } = cells[door][effect];
        if (checks === 0) return [];
        const labels = { effect, door };
        let below = 0;
        const counts = [...bounds, '+Inf'].map((le, index) => {
          below += buckets[index] as number;
          return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
        });
        return [
          ...counts,
          { metricName: `${name}_sum`, labels, value: seconds },
          { metricName: `${name}_count`, labels, value: checks },
        ];
      }),
    );
  }
}

function byEach<const Name extends string, T>(names: readonly Name[], make: () => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
}
