import test from 'ava';
import { missed, seedRegression } from './judged.ts';
import { regressions } from './regressions.ts';
import { sample } from './sampling.ts';

// `node test/compare/run-regressions.ts 1000` and `node test/compare/run-sampling.ts 200` do more of it, and
// `.ci/run` has one of every kind.
const kinds = Object.keys(regressions);

test('compare – finds a seeded regression of every fourth kind', async (t) => {
  for (let seed = 0; seed < kinds.length; seed += 4)
    t.is(await missed(await seedRegression(seed), seed), undefined);
});

test('compare – finds whatever random requests find about random configurations', async (t) => {
  let differences = 0;
  // Of these seeds many requests differ.
  for (const seed of [0, 12, 14]) {
    const sampled = await sample(seed, 80);
    differences += sampled.differences;
    t.deepEqual(sampled.missed, []);
  }
  t.true(differences > 20, `${differences}`);
});
