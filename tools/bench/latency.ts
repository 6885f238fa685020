import type { Station } from './measure.ts';
import { median, percentile } from './statistics.ts';

/** Latencies in milliseconds at a rate that does not depend on the answers. */
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
  milliseconds: number,
): Promise<readonly Latency[]> {
  const seen: Latency[] = [];
  for (const station of stations) {
    const { latencies } = await station.openLoop(rate, milliseconds);
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    seen.push({ name: station.row.name, rate, p50, p99 });
  }
  return seen;
}

/** The medians of several rounds with the same stations. */
export function medianLatency(rounds: readonly (readonly Latency[])[]): readonly Latency[] {
  const [first = []] = rounds;
  return first.map(({ name }) => {
    const all = rounds.flatMap((round) => round.filter((one) => one.name === name));
    const of = (figure: 'rate' | 'p50' | 'p99') => median(all.map((one) => one[figure]));
    return { name, rate: of('rate'), p50: of('p50'), p99: of('p99') };
  });
}
