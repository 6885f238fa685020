import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/load.ts';
import { createCheck } from '../../src/core/check.ts';
import type { Decision } from '../../src/core/decision.ts';
import { UsedMemory } from '../../src/core/used/used-memory.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { startGrpcServer } from '../../src/grpc/check-server.ts';
import { createGeneration, type Generation } from '../../src/serve/generation.ts';
import { createRevocations } from '../../src/serve/running-revocations.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { explained } from '../support/answers.ts';
import { checkCodec, receiveResponse } from '../support/check-wire.ts';
import type { Answer } from '../support/check-world.ts';
import { configText } from '../support/peerproof.ts';
import { checkRequestOf } from './check.ts';
import type { Fixture } from './fixture.ts';
import { openBytesClient } from './running.ts';
import type { OpenStage } from './stage.ts';
import type { Scene, Stage } from './story.ts';

/** How the checks of a story are asked. */
export type Way = 'pure' | 'grpc';

/** The stage for one story; all that is started on it ends with the test. */
export function stageFor(t: ExecutionContext, { fixture, standIns, configs }: OpenStage, way: Way): Stage {
  return {
    t,
    fixture,
    standIns,
    configs,
    teardown: (end) => void t.teardown(end),
    scene: (config) => openScene(t, fixture, config, way),
  };
}

async function openScene(
  t: ExecutionContext,
  fixture: Fixture,
  config: Parameters<Stage['scene']>[0],
  way: Way,
): Promise<Scene> {
  const clock = { now: fixture.now };
  const bulkheads: Bulkheads = new Bulkheads(() => generation.loaded.config.limits.waitingChecks);
  const usedProofs = new UsedMemory(() => generation.loaded.config.limits.usedProofMemory);
  const revocations = createRevocations({
    ...{ clock: () => clock.now, log: pino({ level: 'silent' }), store: undefined, opened: () => undefined },
    settings: () => loaded.config.revocation,
  });
  const context = { clock: () => clock.now, bulkheads, usedProofs, revocations, report: () => {} };
  let loaded = parseConfig(configText(config), 'test.yaml');
  const load = (text: typeof config) => {
    loaded = parseConfig(configText(text), 'test.yaml');
    return loaded;
  };
  const begin = async (next: Generation): Promise<Generation> => {
    await Promise.all([...next.sources].map((source) => source.start()));
    t.teardown(() => {
      for (const source of next.sources) source.stop();
    });
    return next;
  };
  let generation = await begin(createGeneration(load(config), context));
  let last: Decision | undefined;
  let id = 0;
  const check = createCheck({
    stopwatch: () => performance.now(),
    policy: () => generation.policy,
    observer: {
      started: () => {},
      decided(decision) {
        last = decision;
      },
    },
    clock: () => clock.now,
    newId: () => `decision-${++id}`,
    limits: () => generation.loaded.config.limits,
  });
  const ask = way === 'pure' ? undefined : await openDoor(t, check);
  return {
    clock,
    check: async (input): Promise<Answer> => {
      const request = checkRequestOf(input, 'certificate', fixture);
      if (ask) {
        const response = await ask(checkCodec.requestSerialize(request));
        return { decision: last as Decision, response };
      }
      const decision = await check(evidenceOf(request), 'grpc', Number.POSITIVE_INFINITY);
      return { decision, response: receiveResponse(checkResponseOf(decision, explained)) };
    },
    refetch: async () => {
      await Promise.all([...generation.sources].map((source) => source.start()));
    },
    reload: async (next) => {
      generation = await begin(createGeneration(load(next), context, generation));
    },
    remembered: () => ({
      tokens: generation.policy.tokenCache.size,
      certificates: generation.policy.certificates.size,
    }),
  };
}

/** The gRPC door before these decisions, and a connection to it. */
async function openDoor(t: ExecutionContext, check: Parameters<typeof startGrpcServer>[0]['check']) {
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    maxMessageBytes: 4_194_304,
    maxConcurrentStreams: 4_096,
    style: () => explained,
    // The caller's deadline is a time of day, and the story's clock another one.
    check: (evidence, door) => check(evidence, door, Number.POSITIVE_INFINITY),
  });
  const client = openBytesClient(server.port);
  t.teardown(async () => {
    client.close();
    await server.close(1_000);
  });
  return client.send;
}
