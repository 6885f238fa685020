import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../scenario.ts';
import type { Parts } from '../world.ts';

/** Tokens are valid for ten minutes, certificates for days. */
const step = 20 * 60_000;

/** Written to another file and renamed, so that it is never read half written. */
function set({ folder }: Parts, milliseconds: number): void {
  writeFileSync(join(folder, 'clock.next'), String(milliseconds));
  renameSync(join(folder, 'clock.next'), join(folder, 'clock'));
}

/** The wall clock of Peerproof alone is put forward or back, and then right again. */
const stepped = (how: string, milliseconds: number, during: NonNullable<Scenario['during']>): Scenario => ({
  name: `clock steps ${how} by 20 minutes, and again to where it was`,
  world: {
    instance(parts) {
      set(parts, 0);
      return {
        nodeArgs: ['--import', new URL('../clock-step.ts', import.meta.url).href],
        env: { CHAOS_CLOCK: join(parts.folder, 'clock') },
      };
    },
  },
  fault({ world }) {
    set(world, milliseconds);
    return () => set(world, 0);
  },
  during,
  // What is under way has missed its deadline; keys seem older than they may be until the next refresh.
  passing: [503],
  settle: 2_500,
  recovers: 3_000,
});

export const clockScenarios: readonly Scenario[] = [
  stepped('forward', step, { known: [401], fresh: [401], cluster: [401], opaque: [401] }),
  // Only ServiceAccount tokens have `nbf`.
  stepped('back', -step, { cluster: [401] }),
];
