import type { ExecutionContext } from 'ava';
import { overflows, violationsIn } from './accessibility.ts';
import { browserTest, onStage, theBrowser } from './browser-test.ts';
import { height, type OpenedConsole, openConsole } from './open-console.ts';
import { playIssuerDown } from './scenes/issuer-down.ts';
import { send } from './traffic.ts';

const sections = ['Overview', 'Decisions', 'Issuers', 'Rules', 'Limits', 'Configuration', 'Explain'];
const columns = {
  Decisions: ['Time', 'Verdict', 'Reason', 'Rule', 'Request', 'Caller', 'Detail'],
  Issuers: ['Issuer', 'State', 'Key age', 'Last error'],
  Rules: ['Rule', 'Allowed', 'Refused', 'Most frequent reason', 'Last hit'],
  Limits: ['Limit', 'Used', 'Of', 'State'],
};
const fields = ['Decision line or id', 'Method', 'Host', 'Path', 'Token', 'Certificate'];

const looks = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 400, scheme: 'light' },
  { width: 400, scheme: 'dark' },
] as const;

const stage = onStage(async () => {
  const scene = await playIssuerDown();
  await send(scene, { unscoped: 5, late: 2 });
  return scene;
});

/** The console, as soon as its tables are filled. */
async function openFilled(t: ExecutionContext): Promise<OpenedConsole> {
  const opened = await openConsole(theBrowser(), stage().peerproof.adminPort);
  t.teardown(opened.close);
  await opened.section('Issuers').getByText('Down since').waitFor();
  await opened.section('Decisions').getByText('scope_missing').first().waitFor();
  return opened;
}

browserTest('console – has its sections, tables and fields by role and name', async (t) => {
  const { page, problems, section } = await openFilled(t);
  await page.getByRole('banner').getByRole('heading', { name: 'Peerproof', level: 1 }).waitFor();
  await page.getByRole('navigation', { name: 'Sections' }).waitFor();
  for (const name of sections)
    await page.getByRole('main').locator(section(name)).getByRole('heading', { name, level: 2 }).waitFor();
  for (const [name, titles] of Object.entries(columns))
    for (const title of titles)
      await section(name).getByRole('columnheader', { name: title, exact: true }).waitFor();
  for (const name of fields) await section('Explain').getByRole('textbox', { name, exact: true }).waitFor();
  await section('Explain').getByRole('button', { name: 'Explain', exact: true }).waitFor();
  t.deepEqual(problems, []);
});

for (const isOpen of [false, true])
  browserTest(
    `console – axe finds no violation ${isOpen ? 'with everything open' : 'at first'}`,
    async (t) => {
      const opened = await openFilled(t);
      const { page, problems } = opened;
      if (isOpen) await openEverything(opened);
      for (const { width, scheme } of looks) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: scheme });
        t.deepEqual(await violationsIn(page), [], `${width} ${scheme}`);
        t.false(await overflows(page), `${width} ${scheme}: the page can be scrolled sideways`);
      }
      t.deepEqual(problems, []);
    },
  );

async function openEverything({ section }: OpenedConsole): Promise<void> {
  await section('Overview').getByRole('button', { name: 'Show as table' }).click();
  const row = section('Decisions').getByRole('row').filter({ hasText: 'scope_missing' }).first();
  await row.getByRole('button', { name: 'Details' }).click();
  await row.getByRole('button', { name: 'Explain this' }).click();
  await section('Explanation').getByText('scope_missing').first().waitFor();
}
