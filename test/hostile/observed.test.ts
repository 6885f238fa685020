import test from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { explained } from '../support/answers.ts';
import { headersOf, receiveResponse } from '../support/check-wire.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { checkRequestOf, viewsOf } from './check.ts';
import { casesOf } from './corpus.ts';
import { openStage } from './stage.ts';

/** Every attack on a service that enforces nothing: the request passes, and nobody is named who was not proven. */

const { fixture, configs, stop } = await openStage();
const { main } = configs;
const world = await createCheckWorld(
  {
    ...main,
    mode: 'observe',
    // A token endpoint cannot be observed.
    rules: main.rules.filter(({ require }) => require?.credential === undefined),
  },
  { now: fixture.now },
);
test.after.always(async () => {
  world.stop();
  await stop();
});

/** Refusals of a token itself, or of the proof of its sender. */
const ofToken = /^(?:token_(?!issuer_not_allowed)|authorization_|confirmation_|binding_|email_not_verified)/;

for (const { title, one } of casesOf())
  if (!one.unread && (one.world ?? 'main') === 'main')
    test.serial(`observed – ${title}`, async (t) => {
      const input = one.send(fixture);
      for (const view of viewsOf(one)) {
        const request = input.bytes ? undefined : checkRequestOf(input, view, fixture);
        const evidence = evidenceOf(request ?? decodeCheckRequest(input.bytes ?? Buffer.alloc(0)));
        const decision = await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
        if (evidence.flaw) {
          t.is(decision.effect, 'deny');
          continue;
        }
        // Our own document is no answer of the application.
        if (decision.effect === 'answer') {
          t.is(decision.reason, 'metadata_served');
          continue;
        }
        if (decision.effect !== 'allow') {
          t.fail(`${view}: ${decision.reason}`);
          continue;
        }
        const { okResponse } = receiveResponse(checkResponseOf(decision, explained));
        const set = headersOf(okResponse?.headers);
        for (const name of Object.keys(presets.standard))
          t.true(name in set !== okResponse?.headersToRemove?.includes(name), `${view}: ${name}`);
        if (decision.reason !== 'observed') continue;
        const { token, boundBy } = decision.proven;
        if (ofToken.test(decision.wouldDeny.reason))
          t.is(token, undefined, `${view}: ${decision.wouldDeny.reason}`);
        t.is(token !== undefined, boundBy !== undefined, view);
        if (token === undefined)
          for (const name of ['x-auth-request-user', 'x-auth-request-issuer', 'x-auth-request-scope'])
            t.false(name in set, `${view}: ${name}`);
      }
    });
