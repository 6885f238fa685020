import { type Latency, measureLatency } from './latency.ts';
import type { Measured } from './measure.ts';
import type { RowResult } from './report/results.ts';
import { bareHttp2, grpcJs, grpcKnown, type Row } from './rows.ts';
import type { Place } from './servers/server.ts';
import type { Settings } from './settings.ts';
import { Stations } from './stations.ts';
import { median } from './statistics.ts';

/** Windows by the name of their row. */
type Round = ReadonlyMap<string, Measured>;

/**
 * All rounds of a run, one family of rows after the other: only rows of one family are compared. With more servers in
 * turn, each would wait so long that V8 gives up fast code (docs/performance.md).
 */
export async function measureFamilies(
  rows: readonly Row[],
  place: Place,
  settings: Settings,
  withLatency: boolean,
): Promise<{ readonly rows: readonly RowResult[]; readonly latency?: readonly Latency[] }> {
  const rounds: Round[] = [];
  let latency: readonly Latency[] = [];
  for (const [name, family] of Map.groupBy(rows, familyOf)) {
    console.error(`${name}: ${family.length} rows`);
    const stations = new Stations();
    try {
      await stations.open(family, place, settings.warmUp);
      const own = await measureRounds(stations, settings);
      rounds.push(...own);
      if (withLatency && own[0]?.has(grpcKnown)) latency = await latencyOf(stations, own, settings);
    } finally {
      await stations.close();
    }
  }
  return {
    rows: rows.map((row) => ({ ...row, windows: rounds.flatMap((round) => round.get(row.name) ?? []) })),
    ...(withLatency && { latency }),
  };
}

function familyOf({ wire, remembered }: Row): string {
  return `${wire}, ${remembered === false ? 'new tokens' : 'known tokens, and floors'}`;
}

async function measureRounds(
  stations: Stations,
  { rounds, milliseconds }: Settings,
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await stations.measure(milliseconds));
  return measured;
}

/** At half of the rate that was measured. */
function latencyOf(
  stations: Stations,
  measured: readonly Round[],
  { rounds, milliseconds }: Settings,
): Promise<readonly Latency[]> {
  const half = median(measured.map((round) => round.get(grpcKnown)?.rate ?? Number.NaN)) / 2;
  return measureLatency(stations.find([grpcKnown, bareHttp2, grpcJs]), half, rounds, milliseconds);
}
