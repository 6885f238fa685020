import { isLoopback } from '../lib/loopback.ts';
import type { Files } from '../sources/fingerprint.ts';
import type { Config } from './schema.ts';

/** Who may see the console: nobody, the clients of this machine, or those that know the password. */
export type ConsoleAccess =
  | { readonly to: 'nobody' }
  | { readonly to: 'this-machine' }
  | { readonly to: 'password'; readonly password: string };

/** Characters. A password that is shorter can be guessed. */
const shortest = 16;
const longest = 1_024;

/**
 * Reads the permission of a checked configuration. A missing password means nobody.
 * @param host that the admin port listens on: a reload can change the setting, and not the port
 */
export function consoleAccess(
  { config, files }: { readonly config: Pick<Config, 'console'>; readonly files: Files },
  host: string,
): ConsoleAccess {
  const { enabled, passwordFile } = config.console;
  if (!enabled) return { to: 'nobody' };
  if (passwordFile === undefined) return { to: isLoopback(host) ? 'this-machine' : 'nobody' };
  const password = files.get(passwordFile)?.trim();
  return password ? { to: 'password', password } : { to: 'nobody' };
}

/** Why the content of the file is no password. Undefined if it is one. */
export function unusablePassword(config: Config, text: string | undefined): string | undefined {
  const length = text?.trim().length;
  if (length === undefined || (length >= shortest && length <= longest)) return undefined;
  return `${config.console.passwordFile} holds a password of ${length} characters: it must have ${shortest} to ${longest}`;
}
