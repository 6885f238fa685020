import { either, type Steps } from '../../lib/in-turns.ts';
import { type ReadingAnswer, readAllApart, readAllLater } from '../read-apart.ts';
import { mostBytes } from './accept.ts';
import type { TeamText } from './team-text.ts';

type Answers = ReadonlyMap<string, ReadingAnswer>;

/** Characters that are read in this process while checks are answered. 60 KiB of brackets would take half a second. */
const mostHere = 8_192;

/**
 * Reads texts in a process of its own, unless they are short: V8 does not give back the memory that this takes, and
 * checks need not wait for it.
 * @returns what was read, by file. Empty if it is little, or if the process fails: then each is read by itself
 */
export function* readMany(texts: readonly TeamText[]): Steps<Answers> {
  const readable = texts.filter(({ text }) => text.length <= mostBytes);
  const length = readable.reduce((sum, { text }) => sum + text.length, 0);
  const byFile = (answers: readonly ReadingAnswer[]): Answers =>
    new Map(answers.map((answer, at) => [readable[at]?.file ?? '', answer]));
  return yield* either<Answers>({
    now() {
      try {
        return byFile(length > mostBytes ? readAllApart(readable) : []);
      } catch {
        return new Map();
      }
    },
    later: async () => (length > mostHere ? readAllLater(readable).then(byFile, () => new Map()) : new Map()),
  });
}
