/** A mistake in a configuration: its place, what is wrong, and what would be right. */
export interface Problem {
  readonly file: string;
  /** Starts at 1. The line of the key, or of its nearest parent if the key is missing. */
  readonly line: number;
  /** Dotted path, such as `rules[0].require.scopes`. */
  readonly key: string;
  readonly message: string;
}

export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemLine).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `file:line: key: message`, which editors and CI systems turn into a link. */
export function problemLine({ file, line, key, message }: Problem): string {
  return `${file}:${line}: ${key ? `${key}: ` : ''}${message}`;
}
