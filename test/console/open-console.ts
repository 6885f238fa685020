import axe from 'axe-core';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { RunningBrowser } from '../support/browser.ts';

/** How the console is looked at. */
export interface Look {
  /** Pixels. 1280 by default. */
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly reducedMotion?: true;
  readonly password?: string;
}

export interface OpenedConsole {
  readonly page: Page;
  /** What must not happen: errors of scripts, violations of the policy, dialogs, requests to other hosts. */
  readonly problems: readonly string[];
  /** The section with this heading. */
  section(name: string): Locator;
  close(): Promise<void>;
}

/** Tall enough that a table with the caption above it is in the first screen of a laptop. */
export const height = 900;

/** Far longer than anything takes on a quiet machine: tests beside this one may keep it busy. */
const patienceMs = 60_000;

/**
 * Opens the console in a context of its own: nothing is kept from one to the next.
 * @throws if there is no page
 */
export async function openConsole(
  { browser }: RunningBrowser,
  adminPort: number,
  { width = 1280, scheme = 'light', reducedMotion, password }: Look = {},
): Promise<OpenedConsole> {
  const options: BrowserContextOptions = {
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...(password !== undefined && { httpCredentials: { username: 'peerproof', password } }),
  };
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const origin = `http://127.0.0.1:${adminPort}`;
  const problems = watch(page, origin);
  // The policy of the page refuses scripts of others. This one comes from the browser itself.
  await page.addInitScript({ content: axe.source });
  await page.goto(`${origin}/console`).catch(async (error: Error) => {
    await context.close();
    throw error;
  });
  return {
    page,
    problems,
    section: (name) => page.getByRole('region', { name, exact: true }),
    close: () => context.close(),
  };
}

function watch(page: Page, origin: string): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) problems.push(`request to ${request.url()}`);
  });
  return problems;
}
