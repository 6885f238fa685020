import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface AvaRun {
  /** 0 if all tests passed. Null if a signal ended it. */
  readonly code: number | null;
  /** What it wrote to stdout and stderr. */
  readonly output: string;
}

export interface AvaOptions {
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until it is ended. Without it there is no limit. */
  readonly timeout?: number;
}

/** Runs ava with these arguments in a checkout, and waits for its end. */
export function runAva(
  directory: string,
  args: readonly string[],
  { env, timeout }: AvaOptions = {},
): Promise<AvaRun> {
  const ava = join('node_modules', '.bin', 'ava');
  const child = spawn(process.execPath, [ava, ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
