import { createSigner } from '../../support/jwt-signer.ts';
import { type Story, story } from '../story.ts';
import { remote } from './remote.ts';

const unavailable = 'issuer_unavailable';

/** Keys come and go while tokens that they signed are remembered. */
export const rotations: Readonly<Record<string, Story>> = {
  'a new key is found by its kid': story(['allowed', 'allowed'], async (stage) => {
    const { keys } = stage.fixture;
    const fresh = createSigner('ES256', { kid: 'fresh' });
    const { scene, by, server } = await remote(stage, [keys.ec]);
    const before = await scene.check(by(keys.ec));
    server.setKeys([fresh]);
    scene.clock.now += 60_000;
    return [before, await scene.check(by(fresh))];
  }),
  'a key that is gone verifies nothing any more, remembered or not': story(
    ['allowed', 'token_key_unknown', 'token_key_unknown'],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, server } = await remote(stage, [keys.ec, keys.ed]);
      const input = by(keys.ec);
      const before = await scene.check(input);
      server.setKeys([keys.ed]);
      await scene.refetch();
      return [before, await scene.check(input), await scene.check(by(keys.ec, { jti: 'another' }))];
    },
  ),
  'a kid that went to another key verifies nothing of the old one': story(
    ['allowed', 'token_signature_invalid', 'allowed'],
    async (stage) => {
      const { keys } = stage.fixture;
      const other = createSigner('ES256', { kid: 'ec' });
      const { scene, by, server } = await remote(stage, [keys.ec]);
      const input = by(keys.ec);
      const before = await scene.check(input);
      server.setKeys([other]);
      await scene.refetch();
      return [before, await scene.check(input), await scene.check(by(other))];
    },
  ),
  'a key that became one for encryption verifies nothing': story(
    ['allowed', 'token_key_unknown'],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, server } = await remote(stage, [keys.ec]);
      const input = by(keys.ec);
      const before = await scene.check(input);
      server.setKeys([keys.ed, { ...keys.ec.publicJwk, use: 'enc' }]);
      await scene.refetch();
      return [before, await scene.check(input)];
    },
  ),
  'an empty set is a failure, and the known keys stay': story(['allowed', 'allowed'], async (stage) => {
    const { keys } = stage.fixture;
    const { scene, by, server } = await remote(stage, [keys.ec]);
    const before = await scene.check(by(keys.ec));
    server.setKeys([]);
    await scene.refetch();
    return [before, await scene.check(by(keys.ec, { jti: 'another' }))];
  }),
  'down at start, and well later': story([unavailable, 'allowed'], async (stage) => {
    const { keys } = stage.fixture;
    const { scene, by, server } = await remote(stage, [keys.ec]);
    await server.down();
    const again = await remote(stage, [keys.ec], { issuer: server.issuer, jwksUri: server.jwksUri });
    const input = { token: keys.ec.sign(stage.fixture.claims({ iss: server.issuer })) };
    const outage = await again.scene.check(input);
    await server.up();
    await again.scene.refetch();
    stage.t.truthy(scene && by);
    return [outage, await again.scene.check(input)];
  }),
  'known keys are used for as long as keep says, and no longer': story(
    ['allowed', unavailable, unavailable],
    async (stage) => {
      const { keys } = stage.fixture;
      const { scene, by, server } = await remote(stage, [keys.ec], { refresh: '1m', keep: '10m' });
      const claims = { exp: stage.fixture.seconds + 3_600 };
      const input = by(keys.ec, claims);
      await server.down();
      await scene.refetch();
      scene.clock.now += 600_000;
      const before = await scene.check(input);
      scene.clock.now += 1;
      // Not even for a token that was verified before.
      return [
        before,
        await scene.check(input),
        await scene.check(by(keys.ec, { ...claims, jti: 'another' })),
      ];
    },
  ),
};
