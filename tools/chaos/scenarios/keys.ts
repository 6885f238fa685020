import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { createSigner, type JwtSigner } from '../../../test/support/jwt-signer.ts';
import { mintFor } from '../callers.ts';
import type { Scenario, Stage } from '../scenario.ts';
import type { Parts } from '../world.ts';

/** The documented bounds, set so that they can be told apart. */
const refresh = 3_000;
const coolDown = 500;
/** Additional milliseconds for a fetch, because other programs use the machine too. */
const fetchTime = 1_500;

/** Callers with unknown keys cause fetches, so the measured times would be too short. */
const without = ['unknownKid'] as const;

const issuerOf = (more: object) => ({
  config: ({ issuer }: Parts, usual: ConfigInput): ConfigInput => ({
    ...usual,
    issuers: {
      ...usual.issuers,
      corp: { ...usual.issuers?.corp, issuer: issuer.issuer, coolDown: `${coolDown}ms`, ...more },
    },
  }),
});

/** Tokens of another key, ten a second, among the others. Reports when the first one passed. @returns a function that ends them */
function present({ world, load, note }: Stage, next: JwtSigner, publishedAt: () => number | undefined) {
  const mint = mintFor(world);
  let passed = false;
  const timer = setInterval(async () => {
    const call = { who: 'client', token: mint({}, {}, next) } as const;
    const { status, began } = await load.send('fresh', 'open', call);
    const published = publishedAt();
    if (status !== 200 || passed || published === undefined) return;
    passed = true;
    note(
      `the first token of the new key that passed was sent ${Math.round(began - published)} ms after it was published`,
    );
  }, 100);
  return () => clearInterval(timer);
}

export const keyScenarios: readonly Scenario[] = [
  {
    name: `key rotated: it passes within the cool-down (${coolDown} ms) and one fetch`,
    world: issuerOf({ refresh: '30s' }),
    fault(stage) {
      const { issuer, signer } = stage.world;
      const next = createSigner('ES384');
      issuer.setKeys([signer, next]);
      const published = performance.now();
      return present(stage, next, () => published);
    },
    without,
    passing: [401],
    settle: coolDown + fetchTime,
    recovers: 0,
  },
  {
    name: `key used before it is published: it passes within one refresh (${refresh} ms)`,
    world: issuerOf({ refresh: `${refresh}ms` }),
    async fault(stage) {
      const { issuer, signer } = stage.world;
      const next = createSigner('ES384');
      let published: number | undefined;
      const end = present(stage, next, () => published);
      await sleep(1_000);
      issuer.setKeys([signer, next]);
      published = performance.now();
      return end;
    },
    without,
    passing: [401],
    settle: refresh + fetchTime,
    recovers: 0,
  },
  {
    name: `key removed: its tokens are refused within one refresh (${refresh} ms)`,
    world: issuerOf({ refresh: `${refresh}ms` }),
    fault({ world: { issuer, signer }, load, note }) {
      const removed = performance.now();
      issuer.setKeys([createSigner('ES256')]);
      return () => {
        const last = load.samples.findLast(({ kind, status }) => kind === 'known' && status === 200);
        note(
          `the last of its tokens that passed was sent ${Math.round((last?.began ?? 0) - removed)} ms after it was removed`,
        );
        issuer.setKeys([signer]);
      };
    },
    without,
    during: { known: [401], fresh: [401] },
    settle: refresh + fetchTime,
    // Its kid counts as unknown for a minute, so only the next refresh finds it.
    recovers: refresh + fetchTime,
  },
];
