import test from 'ava';
import { decisionFacts } from '../../src/core/identity/metadata.ts';
import { noneUsed } from '../../src/core/used/used-proofs.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { explained } from '../support/answers.ts';
import { receiveResponse } from '../support/check-wire.ts';
import { type CheckWorld, createCheckWorld } from '../support/check-world.ts';
import type { WorldName } from './case.ts';
import { checkRequestOf, viewsOf } from './check.ts';
import { casesOf } from './corpus.ts';
import { isDiscreet, judge, judgeLine, secretsOf } from './judge.ts';
import { openStage } from './stage.ts';

/** Every attack in memory: the pipeline and its translation, without a server in front of it. */

const { fixture, configs, lured, stop } = await openStage();
const worlds = {} as Record<WorldName, CheckWorld>;
for (const [name, config] of Object.entries(configs))
  worlds[name as WorldName] = await createCheckWorld(config, {
    now: fixture.now,
    // The same request is asked in several views. What comes twice is told in stories.
    usedProofs: noneUsed,
  });
test.after.always(async () => {
  for (const world of Object.values(worlds)) world.stop();
  await stop();
});

for (const { title, source, one } of casesOf())
  test.serial(`${title} → ${one.reason} (${source})`, async (t) => {
    const input = one.send(fixture);
    const { decide } = worlds[one.world ?? 'main'];
    for (const view of viewsOf(one)) {
      const request = input.bytes ? undefined : checkRequestOf(input, view, fixture);
      if (one.unread) {
        // Its size is for the server to say.
        if (one.reason === 'check_malformed')
          t.throws(() => decodeCheckRequest(input.bytes ?? Buffer.alloc(0)));
        else t.pass();
        continue;
      }
      const evidence = evidenceOf(request ?? decodeCheckRequest(input.bytes ?? Buffer.alloc(0)));
      const decision = await decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
      const response = receiveResponse(checkResponseOf(decision, explained));
      const reason = view === 'hash' ? (one.hash ?? one.reason) : one.reason;
      judge(t, { decision, response }, { ...one, reason }, view, input.headers);
      if (reason === one.reason) judgeLine(t, { ...decisionFacts(decision) }, one.seen, view);
      // What passes on the request may name its certificate, and its token where the settings say so.
      if (decision.effect !== 'allow') isDiscreet(t, JSON.stringify(response), secretsOf(input), view);
    }
  });

test.serial('tokens – no request went to a server that a token names', (t) => {
  t.is(lured(), 0);
});
