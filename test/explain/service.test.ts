import test from 'ava';
import { parseWithFilesHere } from '../../src/config/load.ts';
import type { Decision } from '../../src/core/decision.ts';
import { createOfflineJudge } from '../../src/explain/offline.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import type { WorldName } from '../hostile/case.ts';
import { checkRequestOf, viewsOf } from '../hostile/check.ts';
import { casesOf } from '../hostile/corpus.ts';
import { openStage } from '../hostile/stage.ts';
import { type CheckWorld, createCheckWorld } from '../support/check-world.ts';

/**
 * Explain judges every attack of the corpus as the service does: same effect, same reason, same detail. In the world
 * `asked`, issuers have to be asked: there the parts of a running service decide (`--fetch`).
 */

const { fixture, configs, stop } = await openStage();
const worlds = {} as Record<WorldName, CheckWorld>;
for (const [name, config] of Object.entries(configs))
  if (name !== 'asked') worlds[name as WorldName] = await createCheckWorld(config, { now: fixture.now });
test.after.always(async () => {
  for (const world of Object.values(worlds)) world.stop();
  await stop();
});

function outcome(decision: Decision) {
  const { effect, reason } = decision;
  return { effect, reason, detail: 'detail' in decision ? decision.detail : undefined };
}

for (const world of Object.keys(worlds) as WorldName[])
  test.serial(`service – explain judges the attacks on the world ${world} as the service does`, async (t) => {
    const loaded = parseWithFilesHere(JSON.stringify(configs[world]), 'test.yaml');
    const judge = createOfflineJudge(loaded, new Map(), fixture.now);
    let count = 0;
    for (const { title, one } of casesOf()) {
      if ((one.world ?? 'main') !== world || one.unread) continue;
      const input = one.send(fixture);
      for (const view of viewsOf(one)) {
        const evidence = evidenceOf(
          input.bytes ? decodeCheckRequest(input.bytes) : checkRequestOf(input, view, fixture),
        );
        const { decision, unverified } = await judge(evidence);
        const served = await worlds[world].decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
        t.deepEqual(outcome(decision), outcome(served), `${title}, ${view}`);
        t.deepEqual(unverified, [], title);
        count++;
      }
    }
    t.true(count > 0);
  });
