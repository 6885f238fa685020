import { createFinder } from './document.ts';
import { commandLine, inFlags } from './flags.ts';
import { ConfigError } from './problem.ts';

/** A configuration with the addresses that a service listens on, by the name of the setting. */
export interface Listening {
  readonly file: string;
  readonly text: string;
  readonly config: {
    readonly listen: Readonly<Record<string, { readonly host: string; readonly port: number } | undefined>>;
  };
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it: stop that program, or set another port',
  EACCES: 'this user may not use it: set a port above 1023',
  EADDRNOTAVAIL: 'this machine does not have this address: set one that it has, or 0.0.0.0 for all of them',
  EAFNOSUPPORT: 'this machine does not have this kind of address: set one that it has, or 0.0.0.0',
};

/**
 * An address that cannot be listened on is a mistake in the configuration, so it is told with its setting. Any
 * other error comes back as it is.
 * @param error what Node threw: its port and its address are those of the configuration
 */
export function listenProblem(error: unknown, { file, text, config }: Listening): unknown {
  const { code = '', port, address, syscall } = error as Partial<SystemError>;
  const remedy = remedies[code];
  if (!remedy || (syscall !== 'listen' && syscall !== 'bind')) return error;
  const candidates = Object.entries(config.listen).filter(([, at]) => at?.port === port);
  const [setting] = candidates.find(([, at]) => at?.host === address) ?? candidates[0] ?? [];
  if (setting === undefined) return error;
  const problem = createFinder(text, file)(
    ['listen', setting],
    `cannot listen on ${address}:${port} (${code}): ${remedy}`,
  );
  const found = new ConfigError([problem]);
  return file === commandLine ? inFlags(found) : found;
}

interface SystemError extends NodeJS.ErrnoException {
  readonly port: number;
  readonly address: string;
}
