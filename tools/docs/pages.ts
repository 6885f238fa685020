import { readdirSync, readFileSync } from 'node:fs';

/** The top of the repository. */
export const top = new URL('../../', import.meta.url);

/** A Markdown file that a person reads. */
export interface Page {
  readonly url: URL;
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every page: those at the top and those in `docs/`. */
export function readPages(): readonly Page[] {
  const names = readdirSync(top).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(new URL('docs/', top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`);
  return [...names, ...docs].sort().map((path) => {
    const url = new URL(path, top);
    return { url, path, text: readFileSync(url, 'utf8') };
  });
}
