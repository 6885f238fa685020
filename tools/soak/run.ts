/**
 * `npm run soak [-- --minutes N --rate N]`: sends new checks each time (tokens, certificates, paths, unknown keys and
 * issuers, hostile input), while the configuration and the keys of the issuer change. Prints the memory of the process.
 * Exit code 1 if an answer was wrong or memory grew by a tenth, 2 for misuse.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { whole } from '../bench/table.ts';
import type { Instance } from '../chaos/instance.ts';
import { Drive } from './drive.ts';
import { Maker } from './maker-client.ts';
import { residentOf, type Sample, takeSample } from './samples.ts';
import { growthAtRest, growthUnderLoad, mostGrowth, type Rest, samplesTable } from './table.ts';
import { refresh, startWorld, type World } from './world.ts';

const sampleEvery = 10_000;
const reloadEvery = 15_000;
const rotateEvery = 45_000;
const restEvery = 120_000;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit(
  await main().catch((error: unknown) => {
    console.error(String(error instanceof Error ? error.stack : error));
    return 1;
  }),
);

async function main(): Promise<number> {
  const settings = readSettings();
  if (!settings) return 2;
  const maker = new Maker();
  const key = await maker.firstKey();
  const world = await startWorld([key]);
  try {
    maker.start(world.issuer.issuer);
    return await soak(world, maker, key, settings);
  } finally {
    await maker.stop();
    await world.stop();
  }
}

async function soak(
  { peerproof, issuer, introspector, reload }: World,
  maker: Maker,
  firstKey: Record<string, unknown>,
  { minutes, rate }: { minutes: number; rate: number },
): Promise<number> {
  const began = performance.now();
  // Slightly longer, so that the last sample is taken.
  const end = began + minutes * 60_000 + 500;
  const isOver = () => performance.now() >= end;
  const drive = new Drive(peerproof.grpcPort, maker, rate);
  const driven = drive.run();
  const samples: Sample[] = [];
  let [another, broken, rotations] = [0, 0, 0];
  let key = firstKey;

  const sampling = every(sampleEvery, isOver, async () => {
    const at = (performance.now() - began) / 1000;
    samples.push(await takeSample(peerproof, drive, at, samples.at(-1)));
    console.error(samplesTable(samples.slice(-1)).split('\n').at(-1));
  });
  const reloading = every(reloadEvery, isOver, async () => {
    if ((await reload()) === 'broken') broken++;
    else another++;
  });
  const rotating = every(rotateEvery, isOver, async () => {
    const next = await maker.nextKey();
    issuer.setKeys([key, next]);
    await sleep(2 * refresh);
    maker.useNextKey();
    // Checks signed with the previous key must be sent and answered first.
    const then = drive.checks + 2 * maker.mostMade;
    while (drive.checks < then && !isOver()) await sleep(250);
    issuer.setKeys([next]);
    key = next;
    rotations++;
  });
  const rests: Rest[] = [];
  const resting = every(Math.min(restEvery, (minutes * 60_000) / 3), isOver, async () => {
    rests.push(await rest(peerproof, drive, began));
  });
  await Promise.race([Promise.all([sampling, reloading, rotating, resting]), driven]);
  drive.stop();
  await driven;

  const decided = await peerproof.metric('peerproof_decisions_total{');
  const loaded = await peerproof.metric('peerproof_configuration_reloads_total{result="loaded"}');
  const atRest = growthAtRest(rests);
  const underLoad = growthUnderLoad(samples, rate);
  const wrong = [...drive.wrong.values()].reduce((sum, count) => sum + count, 0);
  console.log(samplesTable(samples));
  console.log(
    `\nResident memory. ${atRest.text} ${typeof underLoad === 'string' ? underLoad : underLoad.text}`,
  );
  console.log(
    `${whole(drive.checks)} checks with ${whole(drive.tokens)} tokens, each another; ${whole(wrong)} wrong answers; ${whole(decided)} decisions counted, and ${whole(drive.givenUp)} calls were given up.`,
  );
  console.log(
    `${loaded} of ${another} configurations loaded beside ${broken} broken ones, ${rotations} keys rotated, ${whole(issuer.count(issuer.paths.jwks))} fetches of keys, ${whole(introspector.asked)} introspections, ${whole(drive.connections)} connections.`,
  );
  for (const [text, count] of drive.wrong) console.log(`- **${whole(count)} × ${text}**`);
  const growths = typeof underLoad === 'string' ? [atRest] : [atRest, underLoad];
  return wrong > 0 || !growths.every(({ share }) => share < mostGrowth) ? 1 : 0;
}

/** Pauses the load and collects all garbage. */
async function rest(peerproof: Instance, drive: Drive, began: number): Promise<Rest> {
  await drive.pause();
  peerproof.signal('SIGUSR2');
  // The answer comes after the collection. The system gets the memory back slightly later.
  await peerproof.readyz().catch(() => undefined);
  await sleep(2_000);
  const found = { at: (performance.now() - began) / 1000, resident: residentOf(peerproof.pid) };
  drive.resume();
  return found;
}

/** Repeats a task at an interval until the end, never two at a time. */
async function every(milliseconds: number, isOver: () => boolean, step: () => Promise<void>): Promise<void> {
  let due = performance.now();
  for (;;) {
    due += milliseconds;
    while (performance.now() < due) {
      if (isOver()) return;
      await sleep(Math.min(250, Math.max(1, due - performance.now())));
    }
    await step();
  }
}

/** Undefined, with a message, if the command line is wrong. */
function readSettings() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '10' },
        rate: { type: 'string', default: '2000' },
      },
    });
    const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
    // In less time, the caches of a process are not full.
    if (!(minutes >= 2 && minutes <= 120)) throw new TypeError('--minutes is 2 to 120');
    if (!(rate >= 10 && rate <= 10_000)) throw new TypeError('--rate is 10 to 10000 checks a second');
    return { minutes, rate };
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run soak [-- --minutes N --rate N]`);
    return undefined;
  }
}
