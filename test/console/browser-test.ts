import test from 'ava';
import { type RunningBrowser, startBrowser } from '../support/browser.ts';
import { hasProgram } from '../support/debian-test.ts';

const running = (await hasProgram('chromium')) ? await startBrowser() : undefined;
test.after.always(() => running?.stop());

/** A test that looks at a page in a real browser. */
export const browserTest = running ? test.serial : test.serial.skip;

/** The browser of this test file. */
export function theBrowser(): RunningBrowser {
  if (!running) throw new Error('only a browserTest has a browser');
  return running;
}

/** What the tests of a file look at together. It is started before them, and not at all without a browser. */
export function onStage<S extends { stop(): Promise<void> }>(play: () => Promise<S>): () => S {
  let stage: S | undefined;
  if (running)
    test.before(async () => {
      stage = await play();
    });
  test.after.always(() => stage?.stop());
  return () => {
    if (!stage) throw new Error('only a browserTest has a stage');
    return stage;
  };
}
