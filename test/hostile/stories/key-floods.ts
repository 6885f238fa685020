import { createSigner } from '../../support/jwt-signer.ts';
import { type Story, story } from '../story.ts';
import { remote } from './remote.ts';

const unknown = 'token_key_unknown';

/** Hundreds of unknown `kid`s: a caller cannot cause any number of requests to an issuer. */
export const keyFloods: Readonly<Record<string, Story>> = {
  'a thousand unknown kids are one fetch, and the good token goes on': story(
    [unknown, unknown, 'allowed'],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, fetches } = await remote(stage, [keys.ec]);
      const before = fetches();
      scene.clock.now += 60_000;
      const flood = Array.from({ length: 1_000 }, (_, number) =>
        scene.check(by(keys.stranger, {}, { kid: `kid-${number}` })),
      );
      const answers = await Promise.all(flood);
      // One sender may have a quarter of `limits.waitingChecks` wait; the others hear so at once.
      stage.t.true(
        answers.every(({ decision: { reason } }) => reason === unknown || reason === 'overloaded'),
      );
      stage.t.is(fetches() - before, 1);
      return [
        ...answers.slice(0, 1),
        await scene.check(by(keys.stranger, {}, { kid: 'more' })),
        await scene.check(by(keys.ec)),
      ];
    },
  ),
  'a kid that nobody knew is not asked for again within a minute': story(
    [unknown, unknown, unknown],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, fetches } = await remote(stage, [keys.ec], { coolDown: '1s' });
      const input = by(keys.stranger, {}, { kid: 'ghost' });
      scene.clock.now += 2_000;
      const first = await scene.check(input);
      const before = fetches();
      scene.clock.now += 59_000;
      const second = await scene.check(input);
      stage.t.is(fetches(), before);
      scene.clock.now += 2_000;
      const third = await scene.check(input);
      stage.t.is(fetches(), before + 1);
      return [first, second, third];
    },
  ),
  'a flood while the issuer is down is an outage, and no fetch each': story(
    ['issuer_unavailable', 'issuer_unavailable', 'allowed'],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, server } = await remote(stage, [keys.ec]);
      server.behave(server.paths.jwks, { kind: 'status', status: 500 });
      scene.clock.now += 60_000;
      server.resetCounts();
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, number) =>
          scene.check(by(keys.stranger, {}, { kid: `kid-${number}` })),
        ),
      );
      stage.t.true(answers.every(({ decision }) => decision.reason === 'issuer_unavailable'));
      stage.t.true(server.count(server.paths.jwks) <= 1, `${server.count(server.paths.jwks)} fetches`);
      return [
        ...answers.slice(0, 1),
        await scene.check(by(keys.stranger, {}, { kid: 'more' })),
        await scene.check(by(keys.ec)),
      ];
    },
  ),
  'a key that came after the flood is found when the cool-down is over': story(
    [unknown, unknown, 'allowed'],
    async (stage) => {
      const { keys } = stage.fixture;
      const fresh = createSigner('ES256', { kid: 'fresh' });
      const { scene, by, server } = await remote(stage, [keys.ec]);
      scene.clock.now += 60_000;
      const flooded = await scene.check(by(keys.stranger, {}, { kid: 'flood' }));
      server.setKeys([keys.ec, fresh]);
      const early = await scene.check(by(fresh));
      scene.clock.now += 31_000;
      return [flooded, early, await scene.check(by(fresh))];
    },
  ),
  'unknown kids of an issuer that is not configured cause nothing': story(
    ['token_issuer_unknown'],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, server } = await remote(stage, [keys.ec]);
      scene.clock.now += 60_000;
      server.resetCounts();
      const answer = await scene.check(
        by(keys.stranger, { iss: 'https://evil.example' }, { kid: 'x', jku: stage.fixture.lure }),
      );
      stage.t.is(server.count(), 0);
      return [answer];
    },
  ),
};
