import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { openCheckClient } from '../support/check-client.ts';
import { configText, fetchPage } from '../support/peerproof.ts';
import { freePort } from '../support/ports.ts';
import type { Config } from './layout.ts';
import { pidOf, runImage } from './sandbox.ts';

export interface Serving {
  /** A program that starts it, with its arguments. */
  readonly before?: readonly string[];
  /** Arguments behind those of the image. */
  readonly after?: readonly string[];
  /** How many rules its configuration has beside the one that is asked about. */
  readonly others?: number;
}

/** Serves from an unpacked image, asks, and ends it. @returns the command line of process 1 */
export async function serve(
  t: ExecutionContext,
  root: string,
  config: Config,
  { before = [], after = [], others = 0 }: Serving = {},
): Promise<string> {
  const [grpc, admin] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-image-config-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'peerproof.yaml'), configText(configOn(grpc, admin, others)));
  const isReady = () =>
    fetchPage(admin, '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  const running = await runImage(root, config, { '/etc/peerproof': folder }, isReady, before, after);
  t.teardown(() => running.stop());
  const client = openCheckClient(grpc);
  t.teardown(() => client.close());
  const codeOf = async (path: string) => (await client.check(httpCheckOf(path))).status.code;
  t.deepEqual([await codeOf('/healthz'), await codeOf('/')], [status.OK, status.PERMISSION_DENIED]);
  const command = readFileSync(`/proc/${pidOf(running)}/cmdline`, 'utf8').replaceAll('\0', ' ');
  process.kill(pidOf(running), 'SIGTERM');
  t.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
  t.regex(running.stdout(), /"event":"stopped"/);
  return command;
}

function httpCheckOf(path: string): CheckRequest {
  return { attributes: { request: { http: { method: 'GET', host: 'app.test', path, headers: {} } } } };
}

/** A configuration on these ports that allows one path, and as many others as wanted. */
function configOn(grpc: number, admin: number, others: number): ConfigInput {
  const paths = ['/healthz', ...Array.from({ length: others }, (_, index) => `/other/${index}`)];
  return {
    listen: { grpc: `127.0.0.1:${grpc}`, admin: `127.0.0.1:${admin}` },
    rules: paths.map((path, index) => ({ name: `rule-${index}`, match: { paths: [path] }, public: true })),
    drain: { delay: '0s' },
  };
}
