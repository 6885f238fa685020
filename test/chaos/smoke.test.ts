import { readFileSync } from 'node:fs';
import test from 'ava';
import { playPatiently } from '../../tools/chaos/patiently.ts';
import { scenarios } from '../../tools/chaos/scenarios.ts';
import { envoyTest } from '../support/envoy-test.ts';

/** One of the faults of `npm run test:chaos`, so that what plays them cannot rot. `.ci/run` plays all. */

test('chaos – no name is used twice', (t) => {
  t.is(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
});

test('chaos – the page says how many there are', (t) => {
  const page = readFileSync(new URL('../../docs/assurance.md', import.meta.url), 'utf8');
  t.true(page.includes(`causes ${scenarios.length} faults`));
});

const played = 'another unknown kid';
envoyTest(`chaos – ${played}`, async (t) => {
  t.timeout(300_000);
  const [scenario, ...more] = scenarios.filter(({ name }) => name.includes(played));
  if (!scenario || more.length > 0) return t.fail(`not one scenario is called so`);
  const { failures, wrong, samples } = await playPatiently(scenario);
  t.deepEqual(failures, []);
  t.is(wrong, 0);
  t.true(samples.length > 50);
});
