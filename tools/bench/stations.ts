import { type Measured, Station } from './measure.ts';
import type { Row } from './rows.ts';
import type { Place, Server } from './servers/server.ts';

/** Before each window: caches of the processor, and the code that another row has pushed out. */
const laterWarmUp = 200;
const warmUpTurns = 10;
/**
 * Milliseconds. What else runs on a machine changes its speed by a factor of two within seconds, so the rows of a round
 * take turns, and each is measured at many moments.
 */
const part = 100;

/** All rows of a family with their servers, which live through all rounds. */
export class Stations {
  readonly #stations: Station[] = [];
  /** Also one whose station could not be opened. */
  readonly #servers: Server[] = [];

  /** Starts the servers one after the other, and warms them up in turns: none has long been idle at the end. */
  async open(rows: readonly Row[], place: Place, warmUp: number): Promise<void> {
    for (const row of rows) {
      const server = await row.start(place);
      this.#servers.push(server);
      this.#stations.push(await Station.open(row, server));
    }
    for (let turn = 0; turn < warmUpTurns; turn++)
      for (const station of this.#stations) await station.warmUp(Math.ceil(warmUp / warmUpTurns));
  }

  /** Those with these names, in their order. */
  find(names: readonly string[]): readonly Station[] {
    return names.flatMap((name) => this.#stations.find(({ row }) => row.name === name) ?? []);
  }

  /** @returns a window for each row, by its name */
  async measure(milliseconds: number): Promise<ReadonlyMap<string, Measured>> {
    for (const station of this.#stations) await station.begin(laterWarmUp);
    for (let at = 0; at * part < milliseconds; at++)
      // Every second time they come backwards, so that a drift of the machine favours nothing.
      for (const station of at % 2 ? this.#stations.toReversed() : this.#stations)
        await station.measurePart(part);
    const windows = new Map<string, Measured>();
    for (const station of this.#stations) windows.set(station.row.name, await station.finish());
    return windows;
  }

  async close(): Promise<void> {
    for (const station of this.#stations.splice(0)) station.close();
    for (const server of this.#servers.splice(0)) await server.stop();
  }
}
