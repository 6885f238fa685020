import { type Latency, measureLatency, medianLatency } from './latency.ts';
import type { Measured } from './measure.ts';
import type { RowResult } from './report/results.ts';
import { bareHttp2, grpcJs, grpcKnown, type Row } from './rows.ts';
import type { Place } from './servers/server.ts';
import type { Settings } from './settings.ts';
import { Stations } from './stations.ts';

/**
 * All rounds of a run. Each has servers of its own: two processes of the same code differ by some percent for as long as
 * they live, because V8 compiles by what it sees first.
 */
export async function measureRounds(
  rows: readonly Row[],
  place: Place,
  { rounds, milliseconds, warmUp }: Settings,
  withLatency: boolean,
): Promise<{ readonly rows: readonly RowResult[]; readonly latency?: readonly Latency[] }> {
  const windows: ReadonlyMap<string, Measured>[] = [];
  const latencies: (readonly Latency[])[] = [];
  for (let round = 0; round < rounds; round++) {
    console.error(`round ${round + 1} of ${rounds}`);
    const stations = new Stations();
    try {
      await stations.open(rows, place, warmUp);
      const measured = await stations.measure(milliseconds);
      windows.push(measured);
      const half = (measured.get(grpcKnown)?.rate ?? Number.NaN) / 2;
      const compared = stations.find([grpcKnown, bareHttp2, grpcJs]);
      if (withLatency) latencies.push(await measureLatency(compared, half, milliseconds));
    } finally {
      await stations.close();
    }
  }
  return {
    rows: rows.map((row) => ({ ...row, windows: windows.flatMap((round) => round.get(row.name) ?? []) })),
    ...(withLatency && { latency: medianLatency(latencies) }),
  };
}
