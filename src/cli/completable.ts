import type { Command } from './command.ts';

/** What may follow an option, or stand without one. */
export interface Completable {
  readonly words: readonly string[];
  readonly takesFiles: boolean;
}

export interface CompletableOption extends Completable {
  /** With the two hyphens. */
  readonly name: string;
  /** Whether a value follows. It is any text if there are neither words nor files. */
  readonly takesValue: boolean;
  readonly text: string;
}

/** A command as a shell completes it. */
export interface CompletableCommand extends Completable {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletableOption[];
}

/** Values in the table of options that are names of files. */
const filePlaceholder = /^(?:FILE|LOG|OLD|NEW)(?:\.\.\.)?$/;

/**
 * Reads the table of commands as a person does: `FILE` stands for a file, `text|json` for one of these words,
 * and any other value for a text. Words and files without an option are read from the ways to call a command.
 */
export function completableCommands(commands: Readonly<Record<string, Command>>): CompletableCommand[] {
  return Object.entries(commands).map(([name, { summary, usage, options }]) => ({
    name,
    summary,
    ...meaning(usage.flatMap(positionals)),
    options: [
      ...Object.entries(options).flatMap(([option, text]) => completableOption(option, text)),
      { name: '--help', takesValue: false, words: [], takesFiles: false, text: 'Shows this help.' },
    ],
  }));
}

function completableOption(option: string, text: string): CompletableOption[] {
  const [name = '', value] = option.split(/ (.*)/s);
  // The flags of another program follow `--`.
  if (!/^--[\w-]+$/.test(name)) return [];
  const plain = text.replaceAll('`', '');
  return [
    { name, takesValue: value !== undefined, text: plain, ...meaning(value === undefined ? [] : [value]) },
  ];
}

/** What stands in a way to call a command besides its name and its options. */
function positionals(usage: string): string[] {
  const [own = ''] = usage.split(/ \[?-- /, 1);
  const [, ...rest] = own.replaceAll(/\[?--[\w-]+(?: (?:'[^']*'|[^\s\]]+))?\]?/g, '').split(/\s+/);
  return rest.map((word) => word.replaceAll(/[[\]]/g, '')).filter((word) => word !== '');
}

function meaning(values: readonly string[]): Completable {
  const words = values
    .filter((value) => !filePlaceholder.test(value))
    .flatMap((value) => value.split('|'))
    .filter((word) => /^[a-z][a-z0-9-]*$/.test(word));
  return { words: [...new Set(words)], takesFiles: values.some((value) => filePlaceholder.test(value)) };
}
