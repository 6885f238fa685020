import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testFiles, wayToStarter } from './unit-tests.ts';

const top = fileURLToPath(new URL('..', import.meta.url));

/** The share of a run in which tests that wait are begun. The longest one takes a sixth of a run. */
const early = 0.8;

/**
 * For `sortTestFiles` of ava: tests that start programs mostly wait for them, and the others compute. So those that wait are
 * spread evenly among the others, and the last fifth has none of them. Files of one kind keep the order of their names.
 */
export function bySpread(one: string, other: string): number {
  return placeOf(one) - placeOf(other);
}

let places: ReadonlyMap<string, number> | undefined;

/** Only found out when there is something to sort. */
function placeOf(file: string): number {
  places ??= spread(testFiles(), (name) => wayToStarter(name) !== undefined);
  return places.get(relative(top, file)) ?? 0;
}

/** Gives each file a place between 0 and 1. */
export function spread(
  files: readonly string[],
  waits: (file: string) => boolean,
): ReadonlyMap<string, number> {
  const waiting = files.filter(waits);
  const computing = files.filter((file) => !waiting.includes(file));
  return new Map([
    ...waiting.map((file, index) => [file, (early * index) / waiting.length] as const),
    ...computing.map((file, index) => [file, index / computing.length] as const),
  ]);
}
