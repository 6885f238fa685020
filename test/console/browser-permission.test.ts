import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserTest, onStage, theBrowser } from './browser-test.ts';
import { openConsole } from './open-console.ts';
import { startStage } from './stage.ts';

const password = 'correct horse battery staple';

const stage = onStage(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-console-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const started = await startStage((usual) => ({ ...usual, console: { passwordFile } }));
  const stop = async () => {
    await started.stop();
    await rm(folder, { recursive: true });
  };
  return { ...started, stop };
});

browserTest('console – the browser asks for the password, and the page works with it', async (t) => {
  const { section, problems, close } = await openConsole(theBrowser(), stage().peerproof.adminPort, {
    password,
  });
  t.teardown(close);
  await stage().ask({ path: '/orders/7' });
  await section('Decisions').getByText('/orders/7').first().waitFor();
  await section('Issuers').getByRole('rowheader', { name: 'corp' }).waitFor();
  t.deepEqual(problems, []);
});

browserTest('console – without the password, a browser sees nothing of it', async (t) => {
  const { adminPort } = stage().peerproof;
  await t.throwsAsync(openConsole(theBrowser(), adminPort), { message: /ERR_INVALID_AUTH_CREDENTIALS/ });

  const wrong = { password: 'correct horse battery stable' };
  const { page, close } = await openConsole(theBrowser(), adminPort, wrong);
  t.teardown(close);
  t.is(await page.getByRole('heading').count(), 0);
  const text = await page.locator('body').innerText();
  t.false(/corp|read-orders/.test(text), text);
});
