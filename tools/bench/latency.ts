import type { Station } from './measure.ts';
import { median, percentile } from './statistics.ts';

/** Latencies in milliseconds at a rate that does not depend on the answers. Medians over the rounds. */
export interface Latency {
  readonly name: string;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

/** All stations at the same rate, in turn. */
export async function measureLatency(
  stations: readonly Station[],
  rate: number,
  rounds: number,
  milliseconds: number,
): Promise<readonly Latency[]> {
  const seen = stations.map((): (readonly [p50: number, p99: number])[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, station] of stations.entries()) {
      const { latencies } = await station.openLoop(rate, milliseconds);
      seen[index]?.push([percentile(latencies, 0.5), percentile(latencies, 0.99)]);
    }
  return stations.map(({ row }, index) => ({
    name: row.name,
    rate,
    p50: median((seen[index] ?? []).map(([p50]) => p50)),
    p99: median((seen[index] ?? []).map(([, p99]) => p99)),
  }));
}
