import { createServer } from 'node:http';
import { startBrowser } from './browser.ts';
import { programTest } from './debian-test.ts';
import { listen } from './listening.ts';

const browserTest = await programTest('chromium');

browserTest('a Chromium of our own opens a page, reaches no other host, and ends', async (t) => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>page</title><img src="http://other.example/a.png" alt="picture">');
  });
  t.teardown(() => server.close());
  const port = await listen(server);
  const { browser, stop } = await startBrowser();
  t.teardown(stop);
  const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'load' });
  t.is(await page.title(), 'page');
  t.is(await page.evaluate('innerWidth'), 400);
  t.deepEqual(failed, ['http://other.example/a.png net::ERR_NAME_NOT_RESOLVED']);
  await stop();
  await t.throwsAsync(page.title());
});
