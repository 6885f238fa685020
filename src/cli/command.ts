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
  /** What an exit code means here, if it is more than `usualCodes` says. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /** @returns the exit code, see `exitCodes`. @throws Misuse, which is told with the usage */
  run(args: string[]): Promise<number>;
}

export const usualCodes: Readonly<Record<number, string>> = {
  0: 'It succeeded.',
  1: 'It failed, and the error output says why.',
  2: 'The arguments are wrong.',
};

/** Those of a command that runs until it is stopped. */
export const serviceCodes: Readonly<Record<number, string>> = {
  0: 'SIGTERM or SIGINT ended it.',
  1: 'It cannot start: the configuration has errors, or an address cannot be listened on.',
};

export const defaultFile = 'peerproof.yaml';
export const defaultInjectFile = 'inject.yaml';
export const configOption = { '--config FILE': `The configuration file. Default: \`${defaultFile}\`.` };

export const objectsOption = {
  '--objects FILE':
    'AuthorizationRules of teams, as manifests or as `kubectl get authorizationrules -A -o yaml` prints them. They count with `rulesFrom.kubernetes`.',
};

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Resolves when all that was printed has left the process, or when its reader is gone. A pipe takes 64 KiB at
 * once, and the process would end without the rest.
 */
export async function wholeOutput(): Promise<void> {
  const waiting = [process.stdout, process.stderr].filter(({ writableLength }) => writableLength > 0);
  await Promise.all(
    waiting.map((output) => new Promise<void>((resolve) => output.write('', () => resolve()))),
  );
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}
