import { randomInt } from 'node:crypto';
import { envoyUnavailableReason, findEnvoy } from '../../support/envoy-binary.ts';
import { type Campaign, heapInUse, mostGrown, runCampaign, settings, type Target } from './campaign.ts';
import { createEnvoyPathTarget } from './targets/envoy-path.ts';
import { hasOpenssl, opensslTarget } from './targets/openssl.ts';
import { createTargets } from './targets.ts';

/**
 * `FUZZ_MINUTES=10 node test/hostile/fuzz/run.ts` tries every target in turn with fresh seeds until the time is over, and
 * says what it did. With FUZZ_TARGET, FUZZ_SEED and FUZZ_PATH, which a find names, that one input is tried again.
 */

const { seed, path, runs, minutes = 1, wanted } = settings({ seed: 0, runs: 300 });
/** The longest that one target may take in one round, in milliseconds. */
const turn = 10_000;

interface Tally {
  runs: number;
  rounds: number;
  slowest: number;
  readonly finds: Map<string, string>;
  readonly reached: Map<string, number>;
}

async function allTargets(): Promise<readonly Target[]> {
  const targets = [...(await createTargets())];
  if (hasOpenssl) targets.push(opensslTarget);
  else console.warn('SKIPPED: no openssl on this machine');
  if (await findEnvoy()) targets.push(await createEnvoyPathTarget());
  else console.warn(`SKIPPED: no Envoy on this machine: ${envoyUnavailableReason()}`);
  return targets;
}

const tallies = new Map<string, Tally>();

/** The same flaw shows in many inputs: it is told once, by what was thrown. */
function note({ target, runs: done, slowest, reached, find }: Campaign): void {
  const none: Tally = { runs: 0, rounds: 0, slowest: 0, finds: new Map(), reached: new Map() };
  const tally = tallies.get(target) ?? none;
  tallies.set(target, tally);
  tally.runs += done;
  tally.rounds++;
  tally.slowest = Math.max(tally.slowest, slowest);
  for (const [word, times] of reached) tally.reached.set(word, (tally.reached.get(word) ?? 0) + times);
  if (find === undefined) return;
  const what = find.split('\n', 1)[0]?.replace(/\d+/g, '…') ?? '';
  if (!tally.finds.has(what)) console.log(`\nFIND ${find}\n`);
  tally.finds.set(what, find);
}

function report(began: number, grown: number): void {
  const took = Math.round((Date.now() - began) / 1000);
  console.log(`\n${took} s, ${[...tallies.values()].reduce((sum, { runs: done }) => sum + done, 0)} inputs`);
  for (const [name, { runs: done, rounds, slowest, finds, reached }] of tallies) {
    const words = [...reached].sort(([, a], [, b]) => b - a).slice(0, 4);
    console.log(
      `${name.padEnd(24)} ${String(done).padStart(8)} inputs, ${String(rounds).padStart(4)} seeds, slowest ${slowest.toFixed(1).padStart(6)} ms, ${finds.size} finds; ${words.map(([word, times]) => `${word} ${times}`).join(', ')}`,
    );
  }
  console.log(`heap grown by ${(grown / 1e6).toFixed(1)} MB`);
}

const all = await allTargets();
const targets = all.filter(({ name }) => wanted(name));
const began = Date.now();
const before = heapInUse();
let after = before;
const isOver = () => Date.now() - began > minutes * 60_000;
try {
  do
    for (const target of targets) {
      if (isOver()) break;
      const fresh = process.env.FUZZ_SEED === undefined ? randomInt(2 ** 31) : seed;
      note(await runCampaign(target, { seed: fresh, path, runs, until: turn }));
    }
  while (process.env.FUZZ_SEED === undefined && !isOver());
  after = heapInUse();
} finally {
  for (const { stop } of all) await stop?.();
}
report(began, after - before);
const found = [...tallies.values()].some(({ finds }) => finds.size > 0);
process.exitCode = found || after - before > mostGrown ? 1 : 0;
