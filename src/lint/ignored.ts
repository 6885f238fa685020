import { didYouMean } from '../lib/nearest.ts';
import { type CheckName, checkNames, checks } from './checks.ts';
import type { Finding } from './finding.ts';

/** `# lint: ignore open-port, binding-none: the mesh protects the port` */
const comment = /(?:^|\s)#\s*lint:\s*ignore\b(.*)$/;

/** The lines of a text whose findings are ignored, and comments that are wrong. */
export interface Ignored {
  /** Whether a comment gives a reason to ignore a finding. An error is never ignored. */
  has(finding: Finding): boolean;
  readonly wrong: readonly { readonly line: number; readonly message: string }[];
}

/**
 * Reads the comments `# lint: ignore CHECK, CHECK: why`. A comment is for its own line. If it has a line of
 * its own, it is for the next line too that is not a comment. Does not read YAML: the text of a value that
 * looks like such a comment is one.
 */
export function readIgnored(text: string): Ignored {
  const places = new Set<string>();
  const wrong: { line: number; message: string }[] = [];
  let waiting: readonly string[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1;
    const alone = content.trimStart().startsWith('#');
    const said = comment.exec(content)?.[1];
    const named = said === undefined ? [] : readNames(said, (message) => wrong.push({ line, message }));
    for (const name of named) places.add(`${line} ${name}`);
    if (alone) waiting = [...waiting, ...named];
    else if (content.trim() !== '') {
      for (const name of waiting) places.add(`${line} ${name}`);
      waiting = [];
    }
  }
  return {
    has: ({ severity, line, check }) => severity !== 'error' && places.has(`${line} ${check}`),
    wrong,
  };
}

/** The names in the part behind `ignore`. Says what is wrong with it. */
function readNames(text: string, say: (message: string) => void): readonly CheckName[] {
  const [list = '', reason = ''] = text.split(/:(.*)/s);
  if (reason.trim() === '') {
    say('gives no reason: write # lint: ignore CHECK: why');
    return [];
  }
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name): name is CheckName => {
      const known = Object.hasOwn(checks, name);
      if (!known) say(`there is no check ${JSON.stringify(name)}${didYouMean(name, checkNames)}`);
      return known;
    });
}
