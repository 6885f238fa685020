import { tabThrough } from './accessibility.ts';
import { browserTest, onStage, theBrowser } from './browser-test.ts';
import { type OpenedConsole, openConsole } from './open-console.ts';
import { startStage } from './stage.ts';
import { send } from './traffic.ts';

const stage = onStage(async () => {
  const started = await startStage();
  await send(started, { unscoped: 2, late: 1 });
  return started;
});

async function open(t: { teardown(clean: () => unknown): void }): Promise<OpenedConsole> {
  const opened = await openConsole(theBrowser(), stage().peerproof.adminPort);
  t.teardown(opened.close);
  await opened.section('Decisions').getByText('token_expired').waitFor();
  return opened;
}

browserTest('console – Tab reaches every control, and the focus is seen', async (t) => {
  const { page } = await open(t);
  const stops = await tabThrough(page);
  const names = stops.map(({ name }) => name);
  const controls = ['Show as table', 'Apply', 'Pause', 'Details', 'Explain this', 'Explain'];
  const fields = ['Filter', 'Decision line or id', 'Method', 'Host', 'Path', 'Token', 'Certificate'];
  for (const wanted of [
    ...controls.map((name) => `button "${name}"`),
    ...fields.map((name) => `textbox "${name}"`),
  ])
    t.true(
      names.some((name) => name.startsWith(wanted)),
      `${wanted} is not among ${names.join(', ')}`,
    );
  t.deepEqual(
    stops.filter(({ visible }) => !visible),
    [],
  );
  t.true(stops.length < 200, 'the focus is caught');
});

browserTest('console – the keyboard alone filters, pauses, opens a decision and explains it', async (t) => {
  const { page, section, problems } = await open(t);
  const decisions = section('Decisions');
  const rows = decisions.getByRole('row').filter({ has: page.getByRole('cell') });
  await decisions.getByRole('textbox', { name: 'Filter' }).focus();
  await page.keyboard.type('reason=token_expired');
  await page.keyboard.press('Enter');
  await decisions.getByText('scope_missing').first().waitFor({ state: 'detached' });

  await decisions.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Space');
  await send(stage(), { late: 1 });

  const opener = rows.filter({ hasText: 'token_expired' }).first().getByRole('button').first();
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Explain this' }).first().focus();
  await page.keyboard.press('Enter');
  await section('Explanation').getByText('token_expired').first().waitFor();
  t.deepEqual(problems, []);
});
