import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { mutations } from '../tools/mutations/list.ts';
import { editsOf, weaken } from '../tools/mutations/weaken.ts';

/** `.ci/run` tries only a part of the weakenings. One whose text is gone must not wait until its turn comes. */
test('weakenings – the text that each replaces is found once in its file', (t) => {
  const broken = mutations.filter((mutation) =>
    editsOf(mutation).some((edit) => {
      const source = readFileSync(edit.file, 'utf8');
      return (weaken(source, edit) ?? source) === source;
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
