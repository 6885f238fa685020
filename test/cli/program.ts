import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

export interface ProgramEnd {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the program in a folder until it ends. `input` is its standard input. */
export function runProgram(cwd: string, args: readonly string[], input = ''): Promise<ProgramEnd> {
  const child = spawn(process.execPath, [binary, ...args], { cwd, timeout: 60_000 });
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    error += chunk;
  });
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, error })));
}
