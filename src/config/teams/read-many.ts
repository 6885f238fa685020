import { type ReadingAnswer, readAllApart } from '../read-apart.ts';
import { mostBytes } from './accept.ts';
import type { TeamText } from './team-text.ts';

/**
 * Reads texts of many teams in a process of its own, because V8 does not give back the memory that this takes.
 * @returns what was read, by file. Empty if they are few, or if the process fails: then each is read by itself
 */
export function readMany(texts: readonly TeamText[]): ReadonlyMap<string, ReadingAnswer> {
  const readable = texts.filter(({ text }) => text.length <= mostBytes);
  if (readable.reduce((sum, { text }) => sum + text.length, 0) <= mostBytes) return new Map();
  try {
    const answers = readAllApart(readable);
    return new Map(
      answers.flatMap((answer, at) => {
        const file = readable[at]?.file;
        return file === undefined ? [] : [[file, answer]];
      }),
    );
  } catch {
    return new Map();
  }
}
