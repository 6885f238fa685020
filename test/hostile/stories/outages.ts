import type { ApiServerBehaviour } from '../../support/api-server.ts';
import { type Story, story } from '../story.ts';
import { cluster } from './cluster.ts';
import { remote } from './remote.ts';

/** What failed is asked again. */
export const outages: Readonly<Record<string, Story>> = {
  ...Object.fromEntries(
    (
      [
        ['500', { kind: 'status', status: 500 }, 'api_server_unavailable'],
        ['403', { kind: 'forbidden' }, 'api_server_forbidden'],
        ['no JSON', { kind: 'body', body: '<html>' }, 'api_server_unavailable'],
        ['cut off', { kind: 'reset' }, 'api_server_unavailable'],
        ['a hang', { kind: 'hang' }, 'api_server_unavailable'],
      ] as const satisfies readonly (readonly [string, ApiServerBehaviour, string])[]
    ).map(([what, behaviour, reason]): [string, Story] => [
      `TokenReview: ${what}, and then well`,
      story([reason, 'allowed'], async (stage) => {
        const { scene, server, token } = await cluster(stage, behaviour.kind === 'hang' ? '3s' : '20s');
        server.behave(server.paths.reviews, behaviour);
        const first = await scene.check({ path: '/x', token });
        server.behave(server.paths.reviews, { kind: 'ok' });
        return [first, await scene.check({ path: '/x', token })];
      }),
    ]),
  ),
  'after five outages nobody is asked for a while, and then again': story(
    ['api_server_unavailable', 'api_server_unavailable', 'allowed'],
    async (stage) => {
      const { scene, server, token } = await cluster(stage);
      server.behave(server.paths.reviews, { kind: 'status', status: 500 });
      for (let count = 0; count < 5; count++) await scene.check({ path: '/x', token });
      const asked = server.count(server.paths.reviews);
      server.behave(server.paths.reviews, { kind: 'ok' });
      const spared = [await scene.check({ path: '/x', token }), await scene.check({ path: '/x', token })];
      stage.t.is(server.count(server.paths.reviews), asked);
      scene.clock.now += 5_000;
      return [...spared, await scene.check({ path: '/x', token })];
    },
  ),
  'keys: down, and then well': story(['issuer_unavailable', 'allowed'], async (stage) => {
    const { keys } = stage.fixture;
    const { scene, by, server } = await remote(stage, [keys.ed]);
    server.setKeys([keys.ed, keys.ec]);
    server.behave(server.paths.jwks, { kind: 'status', status: 503 });
    scene.clock.now += 60_000;
    const input = by(keys.ec);
    const first = await scene.check(input);
    server.behave(server.paths.jwks, { kind: 'ok' });
    scene.clock.now += 31_000;
    return [first, await scene.check(input)];
  }),
  'a no is remembered for less long than a yes': story(
    ['token_review_refused', 'token_review_refused', 'allowed'],
    async (stage) => {
      const { scene, server, token } = await cluster(stage);
      server.behave(server.paths.reviews, { kind: 'wrong', status: { authenticated: false } });
      const first = await scene.check({ path: '/x', token });
      server.behave(server.paths.reviews, { kind: 'ok' });
      const second = await scene.check({ path: '/x', token });
      scene.clock.now += 2_001;
      return [first, second, await scene.check({ path: '/x', token })];
    },
  ),
};
