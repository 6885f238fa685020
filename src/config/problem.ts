import { visible } from '../lib/visible.ts';

/** A mistake in a configuration: its place, what is wrong, and what would be right. */
export interface Problem {
  readonly file: string;
  /** Starts at 1. The line of the key, or of its nearest parent if the key is missing. 0: there are no lines. */
  readonly line: number;
  /** Dotted path, such as `rules[0].require.scopes`. */
  readonly key: string;
  readonly message: string;
}

/** A mistake whose line is not known yet: to find it takes as long as reading the text. */
export interface Unplaced extends Problem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemLine).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * `file:line: key: message`, which editors and CI systems turn into a link. The name of a file, a key or a
 * message can neither add a line nor move the cursor of a terminal.
 */
export function problemLine({ file, line, key, message }: Problem): string {
  const place = line > 0 ? `${file}:${line}` : file;
  return visible(`${place}: ${key ? `${key}: ` : ''}${message}`);
}
