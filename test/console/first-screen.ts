import type { Locator, Page } from 'playwright-core';
import { height } from './open-console.ts';

/** What a person reads as one statement. The value of a fact is read with its name. */
const statements: Readonly<Record<string, (page: Page) => Locator>> = {
  heading: (page) => page.getByRole('heading'),
  item: (page) => page.getByRole('listitem'),
  row: (page) => page.getByRole('row'),
  paragraph: (page) => page.getByRole('paragraph'),
  fact: (page) => page.getByRole('definition').locator('..'),
};

/**
 * What a person reads without scrolling: each statement that is wholly in the first screen, with its visible
 * text on one line.
 */
export async function readFirstScreen(page: Page): Promise<string[]> {
  const texts: string[] = [];
  for (const find of Object.values(statements))
    for (const element of await find(page).all()) {
      const box = await element.boundingBox();
      const isWhole = box && box.width > 0 && box.y >= 0 && box.y + box.height <= height;
      if (isWhole) texts.push((await element.innerText()).replaceAll(/\s+/g, ' ').trim());
    }
  return texts;
}
