import test from 'ava';
import { hasEnvoy } from '../../support/envoy-test.ts';
import { runCampaign, settings, type Target } from './campaign.ts';
import { createEnvoyPathTarget } from './targets/envoy-path.ts';
import { hasOpenssl, opensslTarget } from './targets/openssl.ts';

const { seed, path, runs, minutes } = settings({ seed: 4711, runs: 400 });
const until = minutes === undefined ? undefined : (minutes * 60_000) / 2;
if (!hasOpenssl) console.warn('SKIPPED: no openssl on this machine, certificates are compared with nothing');

let envoy: Target | undefined;

test.before(async () => {
  if (hasEnvoy) envoy = await createEnvoyPathTarget();
});

test.after.always(async () => {
  await envoy?.stop?.();
});

async function agree(target: Target): Promise<string | undefined> {
  const many = until === undefined ? runs : Number.MAX_SAFE_INTEGER;
  const { find, reached } = await runCampaign(target, { seed, path, runs: many, until });
  const missed = target.reaches.filter((word) => !reached.has(word));
  return find ?? (missed.length > 0 && path === undefined ? `never reached: ${missed.join()}` : undefined);
}

(hasEnvoy ? test.serial : test.serial.skip)(
  `differential – Envoy and the application read every accepted path as we do, seed ${seed} (attacks 12)`,
  async (t) => {
    t.timeout(120_000 + (until ?? 0));
    const find = envoy && (await agree(envoy));
    t.is(find, undefined, find);
  },
);

(hasOpenssl ? test.serial : test.serial.skip)(
  `differential – openssl reads every accepted certificate as we do, seed ${seed} (attacks 8)`,
  async (t) => {
    t.timeout(120_000 + (until ?? 0));
    const find = await agree(opensslTarget);
    t.is(find, undefined, find);
  },
);
