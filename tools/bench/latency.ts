import type { OpenWindow } from './load/generator.ts';
import type { Station } from './measure.ts';
import { median, percentile } from './statistics.ts';

/** Latencies in milliseconds at a rate that does not depend on the answers. Medians over the rounds. */
export interface Latency {
  readonly name: string;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** The p99 of how late the generator itself sent. No latency can be measured below it. */
  readonly late: number;
}

/** All stations at the same rate, in turn. */
export async function measureLatency(
  stations: readonly Station[],
  rate: number,
  rounds: number,
  milliseconds: number,
): Promise<readonly Latency[]> {
  const seen = stations.map((): OpenWindow[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, station] of stations.entries())
      seen[index]?.push(await station.openLoop(rate, milliseconds));
  return stations.map(({ row: { name } }, index) => {
    const windows = seen[index] ?? [];
    const of = (times: 'latencies' | 'lateness', share: number) =>
      median(windows.map((window) => percentile(window[times], share)));
    return { name, rate, p50: of('latencies', 0.5), p99: of('latencies', 0.99), late: of('lateness', 0.99) };
  });
}
