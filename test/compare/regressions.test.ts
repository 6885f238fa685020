import test from 'ava';
import { missed, seedRegression } from './judged.ts';
import { regressions } from './regressions.ts';
import { sample } from './sampling.ts';

// `node test/compare/run-regressions.ts 1000` and `node test/compare/run-sampling.ts 200` do more of it.
const kinds = Object.keys(regressions);

test('compare – finds a seeded regression of every kind', async (t) => {
  for (const seed of kinds.keys()) t.is(await missed(await seedRegression(seed), seed), undefined);
});

test('compare – finds whatever random requests find about random configurations', async (t) => {
  let differences = 0;
  for (let seed = 0; seed < 12; seed++) {
    const sampled = await sample(seed, 80);
    differences += sampled.differences;
    t.deepEqual(sampled.missed, []);
  }
  t.true(differences > 20, `${differences}`);
});
