import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { top } from '../docs/pages.ts';

const run = promisify(execFile);

/**
 * What `helm template` makes of the chart for a file of values, without the pods of `helm test`. Neither a cluster nor the
 * plugins of the user are looked at.
 * @param more values on top of it
 * @throws with what helm says if it refuses the values
 */
export async function helmTemplate(helm: string, values: URL, more: object = {}): Promise<string> {
  const chart = fileURLToPath(new URL('charts/peerproof', top));
  const place = ['peerproof', chart, '--namespace', 'peerproof', '--values', fileURLToPath(values)];
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: '/nonexistent' };
  const options = { env, timeout: 60_000, maxBuffer: 2 ** 24 };
  const set = Object.entries({ ...more, tests: { enabled: false } }).flatMap(([key, value]) => [
    '--set-json',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const { stdout } = await run(helm, ['template', ...place, ...set], options);
  return stdout;
}
