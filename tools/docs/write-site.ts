/** Writes the pages of the documentation site from the Markdown files of the repository into `site/pages/`. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readPages, top } from './pages.ts';
import { sitePage } from './site.ts';

const pages = new URL('site/pages/', top);
rmSync(pages, { recursive: true, force: true });
cpSync(new URL('docs/assets/', top), new URL('docs/assets/', pages), { recursive: true });
for (const { path, text } of readPages().map(sitePage)) {
  const file = new URL(path, pages);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}
