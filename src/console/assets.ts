import { readFile } from 'node:fs/promises';
import type { ConsoleAnswer } from './answer.ts';

/** `src/` and `dist/` have the same depth. */
const folder = new URL('../../console/', import.meta.url);

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

/** The files of the page. A path that is not in this list is no file. */
const files: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  '/console': 'index.html',
  ...Object.fromEntries(
    [
      ...['console.css', 'icon.svg', 'main.js', 'elements.js', 'server.js', 'words.js', 'table.js'],
      ...['overview.js', 'chart.js', 'decisions.js', 'decision-row.js', 'issuers.js', 'rules.js'],
      ...['limits.js', 'configuration.js', 'explain.js', 'explanation.js'],
    ].map((name) => [`/console/${name}`, name]),
  ),
});

/** A file of the page. Undefined if the path is none. */
export async function assetAt(path: string): Promise<ConsoleAnswer | undefined> {
  const name = files[path];
  if (name === undefined) return undefined;
  const ending = name.slice(name.lastIndexOf('.') + 1) as keyof typeof types;
  return { status: 200, type: types[ending], body: await readFile(new URL(name, folder)) };
}
