import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { browserTest, onStage, theBrowser } from './browser-test.ts';
import { openConsole } from './open-console.ts';
import { startStage } from './stage.ts';
import { send } from './traffic.ts';

const BIN = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

const stage = onStage(() => startStage());

browserTest('console – a decision appears by itself, and a pause holds it back', async (t) => {
  const { section, problems, close } = await openConsole(theBrowser(), stage().peerproof.adminPort);
  t.teardown(close);
  const decisions = section('Decisions');
  await stage().ask({ path: '/orders/first' });
  await decisions.getByText('/orders/first').first().waitFor();

  await decisions.getByRole('button', { name: 'Pause' }).click();
  await stage().ask({ path: '/orders/second' });
  await decisions.getByText(/^Paused, 1 /).waitFor();
  t.is(await decisions.getByText('/orders/second').count(), 0);
  await decisions.getByRole('button', { name: 'Pause' }).click();
  await decisions.getByText('/orders/second').first().waitFor();
  t.deepEqual(problems, []);
});

browserTest('console – the filter has the words of peerproof log', async (t) => {
  const { page, section, problems, close } = await openConsole(theBrowser(), stage().peerproof.adminPort);
  t.teardown(close);
  const decisions = section('Decisions');
  await decisions.getByRole('textbox', { name: 'Filter' }).fill('rule=read-* reason=token_expired');
  await page.keyboard.press('Enter');
  await send(stage(), { reading: 1, unscoped: 1, late: 1 });
  await decisions.getByText('token_expired').first().waitFor();
  t.is(await decisions.getByRole('cell', { name: 'scope_missing' }).count(), 0);
  t.is(await decisions.getByRole('cell', { name: 'allowed' }).count(), 0);

  await decisions.getByRole('textbox', { name: 'Filter' }).fill('colour=red');
  await page.keyboard.press('Enter');
  await decisions.getByText(/colour= is not known here/).waitFor();
  // The browser reports an answer that is refused.
  t.deepEqual(
    problems.filter((problem) => !problem.includes('400')),
    [],
  );
});

browserTest('console – the form explains a line as peerproof explain does', async (t) => {
  await send(stage(), { unscoped: 1 });
  const line = (await stage().peerproof.lines()).findLast((text) => text.includes('scope_missing')) ?? '';
  const { section, problems, close } = await openConsole(theBrowser(), stage().peerproof.adminPort);
  t.teardown(close);
  const form = section('Explain');
  await form.getByRole('textbox', { name: 'Decision line or id' }).fill(line);
  await form.getByRole('button', { name: 'Explain', exact: true }).click();
  const explanation = section('Explanation');
  await explanation.getByText('scope_missing').first().waitFor();

  const told = await explainedByCommand(line);
  t.is(told.steps.length, 7);
  const shown = oneLine(await explanation.innerText());
  for (const part of [
    told.sentence,
    told.answer.body,
    told.remedy.todo.replaceAll('`', ''),
    told.remedy.proposals[0].diff,
  ])
    t.true(shown.includes(oneLine(part)), `${part} is not in ${shown}`);
  for (const { name, lines } of told.steps)
    for (const part of [`${name}: `, ...lines])
      t.true(shown.includes(oneLine(part)), `${part} is not in ${shown}`);
  t.deepEqual(problems, []);
});

browserTest('console – the form explains a request with a token', async (t) => {
  const { section, problems, close } = await openConsole(theBrowser(), stage().peerproof.adminPort);
  t.teardown(close);
  const form = section('Explain');
  const token = stage().mint('corp', { exp: 1_000_000_000 });
  const fields = { Method: 'GET', Host: 'orders.example.com', Path: '/orders/1', Token: token };
  for (const [name, value] of Object.entries(fields))
    await form.getByRole('textbox', { name, exact: true }).fill(value);
  await form.getByRole('button', { name: 'Explain', exact: true }).click();
  await section('Explanation').getByText('token_expired').first().waitFor();
  t.false(
    (await section('Explanation').innerText()).includes(token.split('.')[2] ?? ''),
    'the signature is shown',
  );
  t.deepEqual(problems, []);
});

browserTest('console – nothing moves for those who asked for less motion', async (t) => {
  const scrolling = 'getComputedStyle(document.documentElement).scrollBehavior';
  for (const [look, behavior] of [
    [{}, 'smooth'],
    [{ reducedMotion: true }, 'auto'],
  ] as const) {
    const { page, close } = await openConsole(theBrowser(), stage().peerproof.adminPort, look);
    t.teardown(close);
    t.is(await page.evaluate(scrolling), behavior);
    t.is(await page.evaluate('document.getAnimations().length'), 0);
  }
});

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads single members of the report
async function explainedByCommand(line: string): Promise<any> {
  const args = [BIN, 'explain', '--config', stage().peerproof.file, '--line', line, '--format', 'json'];
  // Exit code 1 means that it is denied.
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(
    (denied: { stdout: string }) => denied,
  );
  return JSON.parse(stdout);
}
