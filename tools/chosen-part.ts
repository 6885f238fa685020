import { hash } from 'node:crypto';

/** The options of a program that can try a part of its list, for `parseArgs`. */
export const partOptions = { 'one-of': { type: 'string' }, seed: { type: 'string' } } as const;

interface PartValues {
  readonly 'one-of'?: string | undefined;
  readonly seed?: string | undefined;
}

/**
 * Makes the function that says whether an item is in the part. With `--one-of 6 --seed COMMIT` a part has about a sixth of
 * all items. Each seed chooses others, so that a sequence of commits tries all of them. Without both, the part is the whole.
 * @throws TypeError if only one of the options is there, or if the number of parts is not a positive integer
 */
export function readPart({ 'one-of': parts, seed }: PartValues): (name: string) => boolean {
  if (parts === undefined && seed === undefined) return () => true;
  if (!parts || !/^[1-9]\d{0,3}$/.test(parts) || !seed)
    throw new TypeError('--one-of needs a number, and --seed a text such as the name of a commit');
  return (name) => Number.parseInt(hash('sha256', `${seed} ${name}`).slice(0, 8), 16) % Number(parts) === 0;
}
