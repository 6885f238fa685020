/**
 * `npm run docs:pictures [-- --only TEXT]`: plays each scene, opens the console in Chromium, and writes its
 * picture to `docs/assets/`. Exit code 1 without a Chromium.
 */
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openConsole } from '../../test/console/open-console.ts';
import type { Stage } from '../../test/console/stage.ts';
import { send, type Traffic } from '../../test/console/traffic.ts';
import { startBrowser } from '../../test/support/browser.ts';
import { withPalette } from './palette-png.ts';
import { type Picture, pictures } from './pictures.ts';

/** Milliseconds of traffic before a picture, so that the chart has a line. */
const trafficFor = 115_000;
/** The decisions that a picture shows. */
const lastTraffic: Traffic = {
  reading: 2,
  partner: 1,
  writing: 1,
  reporting: 1,
  unscoped: 1,
  late: 1,
  stolen: 1,
};
/** Longer than the page waits until it asks again. */
const settleMs = 3_000;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { only } = parseArgs({ options: { only: { type: 'string', default: '' } } }).values;
const browser = await startBrowser();
const played: { readonly picture: Picture; readonly stage: Stage }[] = [];
try {
  for (const picture of pictures.filter(({ name }) => name.includes(only)))
    played.push({ picture, stage: await picture.play() });
  await Promise.all(played.map(({ stage }) => keepBusy(stage)));
  for (const { picture, stage } of played) await take(picture, stage);
} finally {
  for (const { stage } of played) await stage.stop();
  await browser.stop();
}

async function take({ name, look, height, prepare }: Picture, stage: Stage): Promise<void> {
  const opened = await openConsole(browser, stage.peerproof.adminPort, look);
  await opened.section('Issuers').getByRole('rowheader', { name: 'corp' }).waitFor();
  await withUsualPath(opened.page, stage);
  await send(stage, lastTraffic);
  await prepare?.(opened);
  await sleep(settleMs);
  await opened.page.setViewportSize({ width: look.width ?? 1280, height });
  const png = withPalette(await opened.page.screenshot());
  await writeFile(new URL(`../../docs/assets/console-${name}.png`, import.meta.url), png);
  console.log(`docs/assets/console-${name}.png: ${Math.round(png.length / 1024)} KiB`);
  await opened.close();
}

/** The folder of a test says nothing to a reader, so the page gets the path of a real service. */
async function withUsualPath(page: Page, { peerproof }: Stage): Promise<void> {
  await page.route(/\/console\/api\/(?:state|explain)/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(dirname(peerproof.file), '/etc/peerproof');
    await route.fulfill({ response, body });
  });
}

async function keepBusy(stage: Stage): Promise<void> {
  const end = performance.now() + trafficFor;
  for (let round = 0; performance.now() < end; round++) {
    // A refusal now and then, and waves.
    const reading = 4 + Math.round(3 * Math.sin(round / 12));
    await send(stage, { reading, partner: 1, probe: 1, lost: round % 40 === 39 ? 1 : 0 });
    await sleep(500);
  }
}
