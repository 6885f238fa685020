import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { mutations } from '../tools/mutations/list.ts';

/** `.ci/run` tries only a part of the weakenings. One whose text is gone must not wait until its turn comes. */
test('weakenings – the text that each replaces is found once in its file', (t) => {
  const sources = new Map<string, string>();
  const sourceOf = (file: string) => {
    const source = sources.get(file) ?? readFileSync(file, 'utf8');
    sources.set(file, source);
    return source;
  };
  const broken = mutations.filter(({ and, ...edit }) =>
    (and ? [edit, and] : [edit]).some(({ file, from, to }) => {
      const parts = sourceOf(file).split(from).length;
      return parts !== 2 || from === to;
    }),
  );
  t.deepEqual(
    broken.map(({ name }) => name),
    [],
  );
  t.not(mutations.length, 0);
});

test('weakenings – each has a name of its own, and its tests exist', (t) => {
  t.is(new Set(mutations.map(({ name }) => name)).size, mutations.length);
  const tests = new Set(mutations.flatMap(({ also = [] }) => also));
  t.deepEqual(
    [...tests].filter((file) => !existsSync(file)),
    [],
  );
});
