import test from 'ava';
import { reasons } from '../../src/core/reasons.ts';
import { named } from './corpus.ts';
import { judge } from './judge.ts';
import { stageFor } from './scene.ts';
import { openStage } from './stage.ts';

/** Attacks of several steps: in memory, and again over gRPC. */

const stage = await openStage();
test.after.always(stage.stop);

for (const { title, source, one } of named(({ stories }) => stories))
  for (const way of one.only ? [one.only] : (['pure', 'grpc'] as const))
    test.serial(
      `${way}: ${title} → ${one.reasons.join(', ') || 'refused at start'} (${source})`,
      async (t) => {
        const answers = await one.tell(stageFor(t, stage, way));
        t.is(answers.length, one.reasons.length);
        for (const [index, answer] of answers.entries()) {
          const reason = one.reasons[index] ?? 'internal_error';
          const scope = { scope: reason === 'scope_missing' ? 'admin' : undefined };
          judge(
            t,
            answer,
            { reason, ...(scope.scope && { scope: scope.scope }) },
            `step ${index + 1} of ${way}`,
          );
          t.true(answer.decision.reason in reasons);
        }
      },
    );

test.serial('tokens – no request went to a server that a token names', (t) => {
  t.is(stage.lured(), 0);
});
