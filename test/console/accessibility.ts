import type axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/** WCAG 2.2 AA, and what axe calls best practices. Some of these rules are off by default. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds in a page as it is now, one line an element. Also contrasts that it could not judge, but for
 * those of elements that are cut off where a table is scrolled.
 */
export async function violationsIn(page: Page): Promise<string[]> {
  const results = await page.evaluate(async (values) => {
    const { axe: running } = globalThis as unknown as { axe: typeof axe };
    return running.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations', 'incomplete'] });
  }, tags);
  const found = results.violations.flatMap(({ id, nodes }) => nodes.map((node) => ({ id, node })));
  const unjudged = results.incomplete.flatMap(({ id, nodes }) =>
    nodes.filter((node) => id === 'color-contrast' && !isCutOff(node)).map((node) => ({ id, node })),
  );
  return [...found, ...unjudged].map(
    ({ id, node }) => `${id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`,
  );
}

function isCutOff({ any }: axe.NodeResult): boolean {
  return any.some(({ data }) => data?.messageKey === 'elmPartiallyObscured');
}

/** Whether the page can be scrolled sideways. */
export async function overflows(page: Page): Promise<boolean> {
  return (await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  )) as boolean;
}

/** One stop of the Tab key. */
export interface Stop {
  /** As assistive technology has it, such as `button "Pause"`. */
  readonly name: string;
  /** Whether a person sees where the focus is. */
  readonly visible: boolean;
}

/** Presses Tab from the top of the page until the focus leaves it, or `most` times. */
export async function tabThrough(page: Page, most = 200): Promise<Stop[]> {
  const stops: Stop[] = [];
  await page.evaluate('document.activeElement.blur()');
  for (let count = 0; count < most; count++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) break;
    stops.push({ name: await nameOf(focused), visible: await hasFocusMark(focused) });
  }
  return stops;
}

async function nameOf(element: Locator): Promise<string> {
  const snapshot = await element.ariaSnapshot();
  return snapshot.split('\n')[0]?.replace(/^- /, '').replace(/:$/, '') ?? '';
}

async function hasFocusMark(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const view = globalThis as unknown as { getComputedStyle(of: unknown): Record<string, string> };
    const { outlineStyle, outlineWidth, boxShadow } = view.getComputedStyle(node);
    return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth ?? '') >= 2) || boxShadow !== 'none';
  });
}
