import { playPatiently } from './patiently.ts';
import type { Outcome, Scenario } from './scenario.ts';

/** Scenarios that are played at the same time. Each waits most of the time, and takes a third of a core. */
const lanes = 3;

export interface Played {
  /** In the order of the scenarios. */
  readonly outcomes: readonly Outcome[];
  /** Why a scenario has no outcome. */
  readonly broken: readonly string[];
}

/** Plays each scenario in a world of its own: first those that bear another one beside them, and then the others. */
export async function playAll(scenarios: readonly Scenario[]): Promise<Played> {
  const outcomes = new Map<Scenario, Outcome>();
  const broken: string[] = [];
  const playEach = async (waiting: Scenario[]): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      console.error(`${new Date().toISOString()} ${next.name}`);
      try {
        outcomes.set(next, await playPatiently(next));
      } catch (error) {
        broken.push(`${next.name}: ${String(error instanceof Error ? error.stack : error)}`);
      }
    }
  };
  const calm = scenarios.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: lanes }, () => playEach(calm)));
  await playEach(scenarios.filter(({ alone }) => alone));
  return { outcomes: scenarios.flatMap((scenario) => outcomes.get(scenario) ?? []), broken };
}
