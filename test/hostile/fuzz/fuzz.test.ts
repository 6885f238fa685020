import test from 'ava';
import { mostGrown, runCampaign, settings } from './campaign.ts';
import { createTargets } from './targets.ts';

// The same inputs on every run, so that a red build is red again; `run.ts` is there to look further.
const { seed, path, runs, minutes, wanted } = settings({ seed: 4711, runs: 400 });
const all = await createTargets();
const targets = all.filter(({ name }) => wanted(name));
const until = minutes === undefined ? undefined : (minutes * 60_000) / targets.length;
const isWhole = runs >= 400 && path === undefined && until === undefined;

test.after.always(async () => {
  for (const { stop } of all) await stop?.();
});

for (const target of targets)
  test.serial(`fuzz – ${target.name}: what must hold holds, seed ${seed}`, async (t) => {
    t.timeout(120_000 + (until ?? 0));
    const many = until === undefined ? runs : Number.MAX_SAFE_INTEGER;
    const { find, reached, grown } = await runCampaign(target, { seed, path, runs: many, until });
    t.is(find, undefined, find);
    t.true(grown < mostGrown, `${grown} bytes of heap are left behind`);
    // With other numbers, other words are reached.
    if (isWhole) for (const word of target.reaches) t.true(reached.has(word), `${word} was never reached`);
  });
