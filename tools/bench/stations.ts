import { type Measured, Station } from './measure.ts';
import type { RowResult } from './report/results.ts';
import type { Row } from './rows.ts';
import type { Place, Server } from './servers/server.ts';

/** Before each window: caches of the processor, and the code that another row has pushed out. */
const laterWarmUp = 200;

/** All rows of a run with their servers, which live through all rounds. */
export class Stations {
  readonly #stations: Station[] = [];
  readonly #servers = new Map<string, Server>();

  /** Starts the servers one after the other, and warms them up. */
  async open(rows: readonly Row[], place: Place, warmUp: number): Promise<void> {
    for (const row of rows) {
      console.error(`warming up: ${row.name}`);
      const server = this.#servers.get(row.serverName) ?? (await row.start(place));
      this.#servers.set(row.serverName, server);
      this.#stations.push(await Station.open(row, server, warmUp));
    }
  }

  find(name: string): Station | undefined {
    return this.#stations.find(({ row }) => row.name === name);
  }

  async rounds(rounds: number, milliseconds: number): Promise<readonly RowResult[]> {
    const windows = new Map(this.#stations.map((station) => [station, [] as Measured[]]));
    for (let round = 0; round < rounds; round++) {
      console.error(`round ${round + 1} of ${rounds}`);
      // Every second round runs backwards, so that a drift of the machine favours nothing.
      for (const station of round % 2 ? this.#stations.toReversed() : this.#stations)
        windows.get(station)?.push(await station.measure(milliseconds, laterWarmUp));
    }
    return this.#stations.map((station) => ({ ...station.row, windows: windows.get(station) ?? [] }));
  }

  async close(): Promise<void> {
    for (const station of this.#stations.splice(0)) station.close();
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    for (const server of servers) await server.stop();
  }
}
