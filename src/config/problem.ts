/** Something wrong in a configuration: where it stands, what it is, and what would be right. */
export interface Problem {
  readonly file: string;
  /** 1-based; the line of the key or value, or of what it is missing from. */
  readonly line: number;
  /** Dotted path, such as `rules[0].require.scopes`. */
  readonly key: string;
  readonly message: string;
}

/** Thrown with every problem of a configuration at once. */
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
