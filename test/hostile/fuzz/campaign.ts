import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { overBudget } from '../time/cpu.ts';

/** Something that reads what others wrote, and what must hold whatever that is. */
export interface Target<Input = unknown> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws where something does not hold; gives a word for what became of the input, so that one sees what was reached. */
  readonly hold: (input: Input) => string | Promise<string>;
  /** Words that a few hundred inputs must reach: a campaign that is refused at the first step proves nothing. */
  readonly reaches: readonly string[];
  /** Milliseconds of processor time for one input; 50 by default. */
  readonly within?: number;
  /** Undoes what making the target started. */
  readonly stop?: () => unknown;
}

/** Keeps the input's type within the target, so that targets can stand in one list. */
export function target<Input>(of: Target<Input>): Target {
  return of as Target as Target<unknown>;
}

export interface CampaignOptions {
  readonly seed: number;
  /** The path of a counterexample, as a failure prints it: only that one is tried. */
  readonly path?: string | undefined;
  readonly runs: number;
  /** Milliseconds after which no new input is tried. */
  readonly until?: number | undefined;
}

export interface Campaign {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly reached: ReadonlyMap<string, number>;
  /** The slowest input, in milliseconds. */
  readonly slowest: number;
  /** Bytes of heap that are in use after it and were not before. */
  readonly grown: number;
  /** What does not hold, with the smallest input found and how to repeat it. */
  readonly find: string | undefined;
}

/** The most that a campaign may leave behind: memories of tokens and certificates are bounded, everything else goes. */
export const mostGrown = 96 * 1024 * 1024;
const defaultWithin = 50;
/** By the wall clock: an input that is slow is slow each time. Then the processor time of this thread decides. */
const attempts = 4;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Tries a target with many inputs; never rejects because of what it finds. */
export async function runCampaign(
  { name, inputs, hold, within = defaultWithin }: Target,
  { seed, path, runs, until }: CampaignOptions,
): Promise<Campaign> {
  const reached = new Map<string, number>();
  let slowest = 0;
  const before = heapInUse();
  const timed = async (input: unknown): Promise<number> => {
    const began = performance.now();
    const word = await hold(input);
    const took = performance.now() - began;
    reached.set(word, (reached.get(word) ?? 0) + 1);
    return took;
  };
  const property = fc.asyncProperty(inputs, async (input) => {
    let took = await timed(input);
    for (let attempt = 1; attempt < attempts && took > within; attempt++)
      took = Math.min(took, await timed(input));
    slowest = Math.max(slowest, took);
    if (took <= within) return;
    const cost = await overBudget(() => hold(input), within * 1000);
    if (cost !== undefined) throw new Error(`took ${Math.round(cost / 1000)} ms, more than ${within} ms`);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path !== undefined && { path, endOnFailure: true }),
    ...(until !== undefined && { interruptAfterTimeLimit: until }),
  });
  const { failed, numRuns } = details;
  // Fast-check calls it failed as well where time ran out before the first input.
  const find = failed && details.errorInstance != null ? describe(name, details) : undefined;
  return { target: name, seed, runs: numRuns, reached, slowest, grown: heapInUse() - before, find };
}

function describe(name: string, details: fc.RunDetails<[unknown]>): string {
  const { seed, counterexamplePath, counterexample, errorInstance, numShrinks } = details;
  const [input] = counterexample ?? [];
  return [
    `${name}: ${errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance)}`,
    `input (after ${numShrinks} steps of shrinking): ${shown(input)}`,
    `again: FUZZ_TARGET=${name} FUZZ_SEED=${seed} FUZZ_PATH=${counterexamplePath} node test/hostile/fuzz/run.ts`,
  ].join('\n');
}

function shown(input: unknown): string {
  // Bytes are read more easily as hex than as a list of numbers.
  const text = fc
    .stringify(input)
    .replace(/(?:Buffer|Uint8Array)\.from\(\[([\d,]*)\]\)/g, (_all, list: string) => {
      const bytes = list === '' ? [] : list.split(',').map(Number);
      return `Buffer.from('${Buffer.from(bytes).toString('hex')}', 'hex')`;
    });
  return text.length > 6_000 ? `${text.slice(0, 6_000)}… (${text.length} characters)` : text;
}

/** What the environment says: FUZZ_SEED, FUZZ_PATH, FUZZ_RUNS, FUZZ_MINUTES, FUZZ_TARGET (the beginning of a name). */
export function settings(defaults: { seed: number; runs: number }) {
  const { FUZZ_SEED, FUZZ_PATH, FUZZ_RUNS, FUZZ_MINUTES, FUZZ_TARGET } = process.env;
  return {
    seed: FUZZ_SEED === undefined ? defaults.seed : Number(FUZZ_SEED),
    path: FUZZ_PATH,
    runs: FUZZ_RUNS === undefined ? defaults.runs : Number(FUZZ_RUNS),
    minutes: FUZZ_MINUTES === undefined ? undefined : Number(FUZZ_MINUTES),
    wanted: (name: string) => name.startsWith(FUZZ_TARGET ?? ''),
  };
}
