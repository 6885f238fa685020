import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Introspector, startIntrospector } from '../../../tools/chaos/introspector.ts';
import { waitFor } from '../../support/wait.ts';
import { type Change, type Stage, startStage } from '../stage.ts';
import { send, usualTraffic } from '../traffic.ts';

const places = 40;
/**
 * The checks that wait for each of three slow issuers. One may hold as many places as are left then: half, a
 * quarter, an eighth.
 */
const waiting = { warehouse: 20, billing: 10, returns: 5 } as const;
const slow = Object.keys(waiting);
const total = Object.values(waiting).reduce<number>((sum, count) => sum + count, 0);
const rememberMs = 1_000;
/** The longest that a check may take, and longer than a picture takes. */
const patienceMs = 30_000;

/**
 * Three more issuers are asked about each token, and they answer no longer. So the places for waiting checks
 * fill up.
 */
export async function playNearLimits(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-limits-'));
  const exp = Math.floor(Date.now() / 1000) + 600;
  const introspector = await startIntrospector((subject) => ({ sub: subject, aud: 'orders', exp }));
  const stopAround = async () => {
    await introspector.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeFile(join(folder, 'secret'), 'introspection-secret', { mode: 0o600 });
    const stage = await startStage(withSlowIssuers(introspector, join(folder, 'secret')));
    const stop = async () => {
      await stage.stop();
      await stopAround();
    };
    await fill(stage, introspector).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { ...stage, stop };
  } catch (error) {
    await stopAround();
    throw error;
  }
}

function withSlowIssuers({ endpoint }: Introspector, clientSecretFile: string): Change {
  return (usual) => ({
    ...usual,
    issuers: {
      ...usual.issuers,
      ...Object.fromEntries(
        slow.map((name) => [
          name,
          {
            issuer: `https://${name}.example.com`,
            audiences: ['orders'],
            introspection: { endpoint, clientId: 'peerproof', clientSecretFile },
            remember: `${rememberMs}ms`,
            timeout: `${patienceMs}ms`,
          },
        ]),
      ),
    },
    rules: [
      ...usual.rules,
      ...slow.map((name) => ({
        name,
        match: { paths: [`/${name}/**`] },
        require: { issuers: [name], binding: ['none' as const] },
      })),
    ],
    limits: { waitingChecks: places, checkTimeout: `${patienceMs}ms` },
  });
}

async function fill(stage: Stage, introspector: Introspector): Promise<void> {
  await send(stage, usualTraffic);
  const calls = Object.entries(waiting).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, at) => ({ path: `/${name}/${at}`, token: `${name}-user-${at}` })),
  );
  // A quarter of the places is kept for tokens that were accepted before.
  for (const call of calls) {
    const reason = await stage.ask(call);
    if (reason !== 'allowed') throw new Error(`${reason} instead of allowed`);
  }
  await sleep(rememberMs + 100);
  introspector.behave({ kind: 'hang' });
  // They end with the service.
  for (const call of calls) stage.ask(call, patienceMs).catch(() => undefined);
  await waitFor('the checks that wait', 5_000, async () => (await waitingIn(stage)) === total);
}

async function waitingIn({ peerproof }: Stage): Promise<number> {
  const { body } = await peerproof.page('/metrics');
  const values = [...body.matchAll(/^peerproof_checks_waiting\{.*\} (\d+)$/gm)].map(([, value]) =>
    Number(value),
  );
  return values.reduce((sum, value) => sum + value, 0);
}
