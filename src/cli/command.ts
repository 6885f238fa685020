export interface Command {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The ways to call it, without the program's name. */
  readonly usage: readonly string[];
  /** One row per option. `notes`: more text for the help. */
  readonly options: Readonly<Record<string, string>>;
  readonly notes?: string;
  /** At least three lines to type, each with what it does. */
  readonly examples: Readonly<Record<string, string>>;
  /** @returns the exit code: 0 success, 1 failure, 2 wrong usage */
  run(args: string[]): Promise<number>;
}

export const defaultFile = 'peerproof.yaml';
export const configOption = { '--config FILE': `The configuration file. Default: \`${defaultFile}\`.` };

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Prints a text of any length. Resolves when all of it has left the process, or when its reader is gone: the
 * process ends with what a full pipe did not take yet.
 */
export function printWhole(text: string, output: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve) => {
    output.once('error', () => resolve());
    output.write(`${text}\n`, () => resolve());
  });
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}
