import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findKubectlLayer } from '../../test/support/kubectl-layer.ts';

const run = promisify(execFile);
const layer = await findKubectlLayer();

/** Longer than any of the waits that are passed to the programs. */
const WITHIN_MS = 300_000;

/**
 * Runs kubectl with the KUBECONFIG of this process, and returns what it prints.
 * @throws with what it says if it fails
 */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  return execute(layer?.kubectl ?? 'kubectl', args, input);
}

/** The same for helm. */
export async function helm(args: readonly string[], input = ''): Promise<string> {
  return execute(layer?.helm ?? 'helm', args, input);
}

async function execute(program: string, args: readonly string[], input: string): Promise<string> {
  const running = run(program, args, { timeout: WITHIN_MS, maxBuffer: 2 ** 26 });
  // A program that reads nothing may have ended already.
  running.child.stdin?.on('error', () => undefined).end(input);
  return (await running).stdout;
}
