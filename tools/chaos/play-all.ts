import { TimeBox, type TimeBoxOptions } from '../time-box.ts';
import { playPatiently } from './patiently.ts';
import type { Outcome, Scenario } from './scenario.ts';

/** Scenarios that are played at the same time. Each waits most of the time, and takes a third of a core. */
const lanes = 3;
/** The share of the time of the scenarios that bear another one beside them. */
const shareOfCalm = 0.6;

export interface Played {
  /** In the order of the scenarios. */
  readonly outcomes: readonly Outcome[];
  /** Why a scenario has no outcome. */
  readonly broken: readonly string[];
  /** The names of those for which no time was left. */
  readonly left: readonly string[];
}

/**
 * Plays each scenario in a world of its own: first those that bear another one beside them, and then the others.
 * With a time, as many as fit.
 */
export async function playAll(scenarios: readonly Scenario[], time?: TimeBoxOptions): Promise<Played> {
  const outcomes = new Map<Scenario, Outcome>();
  const broken: string[] = [];
  const playEach = async (waiting: TimeBox<Scenario>): Promise<void> => {
    for (let next = waiting.next(); next; next = waiting.next()) {
      console.error(`${new Date().toISOString()} ${next.name}`);
      try {
        outcomes.set(next, await playPatiently(next));
      } catch (error) {
        broken.push(`${next.name}: ${String(error instanceof Error ? error.stack : error)}`);
      }
    }
  };
  const boxOf = (some: readonly Scenario[], share: number) =>
    new TimeBox(some, ({ name }) => name, time && { ...time, seconds: time.seconds * share });
  const calm = boxOf(
    scenarios.filter(({ alone }) => !alone),
    shareOfCalm,
  );
  await Promise.all(Array.from({ length: lanes }, () => playEach(calm)));
  const others = boxOf(
    scenarios.filter(({ alone }) => alone),
    1 - shareOfCalm,
  );
  await playEach(others);
  return {
    outcomes: scenarios.flatMap((scenario) => outcomes.get(scenario) ?? []),
    broken,
    left: [...calm.left, ...others.left].map(({ name }) => name),
  };
}
