import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { findProgram } from './debian-binary.ts';
import { startProcess } from './processes.ts';

const flags = [
  '--headless',
  // Tests may run as root, in a container without user namespaces.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  // The same pixels on every machine.
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
  '--hide-scrollbars',
  // Whatever a page asks for, nothing leaves this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--remote-debugging-port=0',
];

/** A Chromium of its own, that ends with the test. */
export interface RunningBrowser {
  readonly browser: Browser;
  stop(): Promise<void>;
}

/** Starts Debian's Chromium with an empty user data folder, and waits until it can be driven. */
export async function startBrowser(): Promise<RunningBrowser> {
  const program = await findProgram('chromium');
  if (!program) throw new Error('there is no Chromium: ask programTest first');
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-chromium-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const child = await startProcess({
      name: 'chromium',
      command: program.path,
      args: [...flags, `--user-data-dir=${folder}`, 'about:blank'],
      // What the wrapper of Debian and the program itself remember stays in the folder, too.
      env: { ...process.env, ...program.env, HOME: folder },
      ready: async () => (await portIn(folder)) !== undefined,
      readyWithinMs: 30_000,
    });
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${await portIn(folder)}`);
    return {
      browser,
      stop: async () => {
        await browser.close();
        await child.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The port on which Chromium can be driven. It writes the file when it listens. */
async function portIn(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'DevToolsActivePort'), 'utf8').catch(() => '');
  return /^(\d+)\n/.exec(text)?.[1];
}
