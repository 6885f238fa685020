import { setImmediate as others } from 'node:timers/promises';

/** A long piece of work that can be done here, or waited for while something else does it. */
export interface Either<Result> {
  now(): Result;
  later(): Promise<Result>;
}

/** Work that can be interrupted wherever it yields, and that can wait there. */
export type Steps<Result> = Generator<Either<unknown> | undefined, Result, unknown>;

/** Milliseconds of work until something else comes in between. */
const turn = 5;

/** Does all of the work now. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (!step.done) step = goOn(steps, step.value);
  return step.value;
}

function goOn<Result>(steps: Steps<Result>, piece: Either<unknown> | undefined) {
  let result: unknown;
  try {
    result = piece?.now();
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(result);
}

/**
 * Does the work in turns of a few milliseconds, and lets everything else that is due run in between. It holds
 * up others for one turn, or for its longest step if that takes longer.
 */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  let until = performance.now() + turn;
  let step = steps.next();
  while (!step.done) {
    const piece = step.value;
    if (piece) step = await piece.later().then(steps.next.bind(steps), steps.throw.bind(steps));
    else {
      if (performance.now() >= until) {
        await others();
        until = performance.now() + turn;
      }
      step = steps.next();
    }
  }
  return step.value;
}

/** Does a piece of work in the way in which the other steps are done. */
export function* either<Result>(piece: Either<Result>): Steps<Result> {
  return (yield piece) as Result;
}

/** Calls the function for each entry, as `Array.map` does. A step is a number of entries. */
export function* mapInSteps<Entry, Result>(
  entries: readonly Entry[],
  map: (entry: Entry, index: number) => Result,
  entriesOfStep = 16,
): Steps<Result[]> {
  const results: Result[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % entriesOfStep === 0) yield;
    results.push(map(entry, index));
  }
  return results;
}
