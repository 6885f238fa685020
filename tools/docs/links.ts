import { existsSync } from 'node:fs';
import { type Page, top } from './pages.ts';

/** Links of Markdown and of the HTML in it. */
const link = /\]\(([^)\s]+)\)|(?:srcset|src|href)="([^"]+)"/g;
/** A path of the repository in code marks, such as `src/main.ts`. */
const mentioned =
  /`((?:src|test|tools|examples|gateway-api|istio|kustomize|proxies|docs|charts|\.ci|\.github)\/[\w./-]+)`/g;

/** One line per link that leads nowhere: a file or a heading that does not exist. Does not look at other hosts. */
export function brokenLinks(pages: readonly Page[]): string[] {
  const anchors = new Map(pages.map(({ path, text }) => [path, headingsOf(text)]));
  return pages.flatMap(({ path, url, text }) => {
    const prose = withoutCode(text);
    const links = [...prose.matchAll(link)].map(([, a, b]) => a ?? b ?? '');
    const broken = links.filter((to) => !/^[a-z]+:/.test(to) && !leadsSomewhere(to, path, url, anchors));
    const missing = [...prose.matchAll(mentioned)]
      .map(([, file = '']) => file)
      .filter((file) => !file.includes('*') && !existsSync(new URL(file, top)));
    return [
      ...broken.map((to) => `${path}: the link ${to} leads nowhere`),
      ...missing.map((file) => `${path}: there is no ${file}`),
    ];
  });
}

function leadsSomewhere(
  to: string,
  path: string,
  url: URL,
  anchors: ReadonlyMap<string, Set<string>>,
): boolean {
  const [file = '', anchor] = to.split('#', 2);
  const target = file === '' ? url : new URL(file, url);
  if (file !== '' && !existsSync(target)) return false;
  const page = file === '' ? path : target.pathname.slice(top.pathname.length);
  return anchor === undefined || anchors.get(page)?.has(anchor) === true;
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

function headingsOf(text: string): Set<string> {
  return new Set([...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

/** The anchor that GitHub gives to a heading, and the site too. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/ /g, '-');
}
