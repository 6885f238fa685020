import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { checkCodec } from '../../support/check-wire.ts';
import { assembleJwt } from '../../support/jwt-signer.ts';
import { configText, fetchPage } from '../../support/peerproof.ts';
import { freePort } from '../../support/ports.ts';
import { waitFor, withDeadline } from '../../support/wait.ts';
import { checkRequestOf } from '../check.ts';
import { openBytesClient } from '../running.ts';
import { type Scene, type Stage, type Story, story } from '../story.ts';

const BIN = fileURLToPath(new URL('../../../bin/peerproof.js', import.meta.url));

/** `peerproof serve`, whose standard output is a pipe without a reader. */
async function startUnread({ configs, teardown }: Stage): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-hostile-log-'));
  teardown(() => rm(folder, { recursive: true, force: true }));
  const [port, admin] = [await freePort(), await freePort()];
  const listen = { grpc: `127.0.0.1:${port}`, admin: `127.0.0.1:${admin}` };
  const file = join(folder, 'peerproof.yaml');
  await writeFile(file, configText({ ...configs.main, listen }), { mode: 0o600 });
  const child = spawn(process.execPath, [BIN, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    child.stdout.destroy();
  });
  const ready = () =>
    fetchPage(admin, '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitFor('peerproof ready', 15_000, ready);
  return port;
}

const reader: Readonly<Record<string, Story>> = {
  'three megabytes of lines into a pipe that nobody reads': story(
    ['allowed', 'token_missing'],
    async (stage) => {
      const { fixture, t, teardown } = stage;
      const client = openBytesClient(await startUnread(stage));
      teardown(() => client.close());
      const bytes = (input: object) =>
        checkCodec.requestSerialize(checkRequestOf(input, 'certificate', fixture));
      const loud = bytes({
        path: `/public/${'x'.repeat(500)}`,
        headers: [['x-request-id', 'r'.repeat(500)]],
      });
      // The pipe is never read, so a write that blocks never returns.
      for (let round = 0; round < 30; round++)
        await withDeadline(
          'a hundred checks',
          5_000,
          Promise.all(Array.from({ length: 100 }, () => client.send(loud, 30_000))),
        );
      return Promise.all(
        [{ token: fixture.token }, {}].map(async (input, index) => {
          const response = await client.send(bytes(input));
          const fields = response.dynamicMetadata?.fields as Record<string, { stringValue: string }>;
          // Nobody can read the line; the metadata says the same.
          const reason = fields.reason?.stringValue;
          t.is(response.status?.message, reason);
          return {
            decision: { id: `${index}`, reason, effect: fields.effect?.stringValue, found: {} } as never,
            response,
          };
        }),
      );
    },
    { only: 'grpc' },
  ),
};

const garbage = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

/** Megabytes that a flood leaves behind, once it has filled what it may fill. */
async function growth(
  scene: Scene,
  make: (number: number) => string,
  reason: string,
  t: Stage['t'],
): Promise<number> {
  const flood = async (from: number, count: number): Promise<void> => {
    for (let number = from; number < from + count; number++) {
      const { decision } = await scene.check({ token: make(number) });
      if (decision.reason !== reason) t.fail(`${decision.reason} instead of ${reason}`);
    }
  };
  await flood(0, 3_000);
  garbage();
  const before = process.memoryUsage().heapUsed;
  await flood(3_000, 9_000);
  garbage();
  return (process.memoryUsage().heapUsed - before) / 1_048_576;
}

const flooded = (
  what: string,
  reason: Story['reasons'][number],
  make: (stage: Stage) => (number: number) => string,
): [string, Story] => [
  what,
  story(
    ['allowed'],
    async (stage) => {
      const { t, fixture, configs } = stage;
      const scene = await stage.scene({ ...configs.main, limits: { tokenMemory: '1Mi' } });
      const grown = await growth(scene, make(stage), reason, t);
      t.true(grown < 8, `${grown.toFixed(1)} MB more`);
      t.true(scene.remembered().tokens <= 1_000);
      return [await scene.check({ token: fixture.token })];
    },
    // A connection has a memory of its own.
    { only: 'pure' },
  ),
];

const memory: Readonly<Record<string, Story>> = Object.fromEntries([
  flooded('with signatures that do not hold', 'token_signature_invalid', ({ fixture }) => {
    const signature = Buffer.alloc(64, 7);
    return (number) =>
      assembleJwt({
        header: { alg: 'ES256', kid: 'ec' },
        payload: fixture.claims({ jti: number }),
        signature,
      });
  }),
  flooded('with unknown kids', 'token_key_unknown', ({ fixture }) => {
    const signature = Buffer.alloc(64, 7);
    return (number) =>
      assembleJwt({ header: { alg: 'ES256', kid: `kid-${number}` }, payload: fixture.claims(), signature });
  }),
  flooded('of unknown issuers', 'token_issuer_unknown', ({ fixture }) => {
    const signature = Buffer.alloc(64, 7);
    return (number) =>
      assembleJwt({
        header: { alg: 'ES256' },
        payload: fixture.claims({ iss: `https://${number}.example` }),
        signature,
      });
  }),
  flooded(
    'that are all good',
    'allowed',
    ({ fixture }) =>
      (number) =>
        fixture.sign({ jti: number }),
  ),
]);

/** Stories about the cost of logs and caches. */
export const logs = { reader, memory };
