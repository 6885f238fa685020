import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { httpCheck, openCheckClient } from '../../../test/support/check-client.ts';
import { waitFor } from '../../../test/support/wait.ts';
import type { Scenario, Stage } from '../scenario.ts';
import type { Parts } from '../world.ts';

/** Processes of Peerproof that end, in order or killed. */

/** Several times as long as Envoy needs to notice. */
const drain = {
  config: (_parts: Parts, usual: ConfigInput): ConfigInput => ({
    ...usual,
    drain: { delay: '1500ms', timeout: '5s' },
  }),
};

const rolling: Scenario = {
  name: 'SIGTERM of both of two instances, one after the other (rolling)',
  world: { instances: 2, ...drain },
  async fault({ world }) {
    for (const leaving of world.instances) {
      leaving.signal('SIGTERM');
      const { code } = await leaving.ended;
      if (code !== 0) throw new Error(`it ended with ${code}`);
      await world.replace(leaving);
      for (const listener of ['closed', 'open']) await world.envoy.healthyAuthorizers(listener, 2, 10_000);
    }
    return () => undefined;
  },
  lasts: 1_500,
  recovers: 0,
};

/** Sends checks over new connections until it is stopped. @returns how many connections were never served */
function connectAnew({ world: { peerproof } }: Stage): () => Promise<number> {
  let going = true;
  let unserved = 0;
  const callers = Array.from({ length: 4 }, async () => {
    while (going) {
      const client = openCheckClient(peerproof.grpcPort);
      await client.check(httpCheck(), 5_000).catch(({ code }) => {
        if (code === status.DEADLINE_EXCEEDED) unserved++;
      });
      client.close();
      await sleep(10);
    }
  });
  return async () => {
    going = false;
    await Promise.all(callers);
    return unserved;
  };
}

/** Ends each of the two first workers. */
async function killWorkers({ world: { peerproof } }: Stage): Promise<void> {
  for (const [index, victim] of peerproof.workers().entries()) {
    process.kill(victim, 'SIGKILL');
    await waitFor('its replacement', 20_000, async () => {
      const found = await peerproof.readyz();
      return found.workers?.restarts === index + 1 && found.workers.serving === 2;
    });
  }
}

function killed(): Scenario {
  let unserved = 0;
  return {
    name: 'SIGKILL of both of two workers, one after the other',
    world: { instance: () => ({ args: ['--workers', '2'] }) },
    async prepare({ world }) {
      const { peerproof, introspector } = world;
      await waitFor('both workers', 20_000, async () => (await peerproof.readyz()).workers?.serving === 2);
      // So that a check is under way whenever a process is killed.
      introspector.behave({ kind: 'late', ms: 250 });
    },
    async fault(stage) {
      const end = connectAnew(stage);
      await killWorkers(stage);
      return async () => {
        unserved = await end();
      };
    },
    // Checks under way in it get no answer: Envoy denies at `closed`.
    passing: [403],
    unanswered: true,
    lasts: 2_000,
    recovers: 0,
    after: async () => [unserved > 0 && `${unserved} connections were taken and never served`],
  };
}

export const processScenarios: readonly Scenario[] = [rolling, killed()];
