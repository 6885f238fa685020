import { didYouMean } from '../lib/nearest.ts';
import { visible } from '../lib/visible.ts';
import type { Command } from './command.ts';

/** Arguments that a command cannot use. The message says which, and what is right. */
export class Misuse extends Error {}

/** What is wrong with the arguments of a command. Undefined for any other error. */
export function misuseOf(error: unknown, { options }: Command): string | undefined {
  if (error instanceof Misuse) return error.message;
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  if (!code?.startsWith('ERR_PARSE_ARGS') || message === undefined) return undefined;
  // The rest of the message is about positional arguments, also for commands that have none.
  const [, name] = /^Unknown option '(.+?)'/s.exec(message) ?? [];
  if (name === undefined) return visible(message);
  const known = Object.keys(options).map((option) => option.split(' ', 1)[0] ?? '');
  return visible(`unknown option ${JSON.stringify(name)}${didYouMean(name, known)}`);
}
