import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const WITHIN_MS = 300_000;

export interface Where {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of this machine, without a shell. @returns what it printed @throws with the end of what it complained */
export async function execute(
  program: string,
  args: readonly string[],
  { cwd, env }: Where = {},
): Promise<string> {
  const options = {
    cwd,
    // So that no message and no order of names depends on the language of the machine.
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    timeout: WITHIN_MS,
    maxBuffer: 64 * 2 ** 20,
  };
  try {
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(`${program} ${args[0] ?? ''}: ${stderr.trim().slice(-2_000) || message}`);
  }
}
