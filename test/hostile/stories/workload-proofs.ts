import type { Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { otherSignature } from '../makers/other-signature.ts';
import { proofLine, tokenLine, wit, wpt } from '../makers/workload-identity.ts';
import { type Story, story } from '../story.ts';

const request = (token: string, proof: string): Input => ({
  path: '/wit',
  headers: [tokenLine(token), proofLine(proof)],
});
const good = (f: Fixture, jti: string, token = wit(f)) => request(token, wpt(f, token, { jti }));

/** A proof holds once, and nothing that its sender or a thief changes makes it another one. */
export const proofsOnce: Readonly<Record<string, Story>> = {
  'replayed with its WIT': story(
    ['allowed', 'proof_replayed', 'proof_replayed'],
    async ({ fixture, configs, scene }) => {
      const { check } = await scene(configs.main);
      const one = good(fixture, 'a');
      return [await check(one), await check(one), await check(one)];
    },
  ),
  'replayed with the other signature that is valid': story(
    ['allowed', 'proof_replayed'],
    async ({ fixture, configs, scene }) => {
      const { check } = await scene(configs.main);
      const token = wit(fixture);
      const proof = wpt(fixture, token);
      return [await check(request(token, otherSignature(proof))), await check(request(token, proof))];
    },
  ),
  'signed again for another path, with the same jti': story(
    ['allowed', 'proof_replayed'],
    async ({ fixture, configs, scene }) => {
      const { check } = await scene(configs.main);
      const token = wit(fixture);
      const other = wpt(fixture, token, { jti: 'a', aud: 'https://orders.example.com/wit/2' });
      return [
        await check(good(fixture, 'a', token)),
        await check({ ...request(token, other), path: '/wit/2' }),
      ];
    },
  ),
  'replayed after the configuration was loaded again': story(
    ['allowed', 'proof_replayed'],
    async ({ fixture, configs, scene }) => {
      const { check, reload } = await scene(configs.main);
      const one = good(fixture, 'a');
      const first = await check(one);
      await reload({ ...configs.main, realm: 'another' });
      return [first, await check(one)];
    },
  ),
  'replayed when it has nearly expired, and when it has': story(
    ['allowed', 'proof_replayed', 'proof_expired'],
    async ({ fixture, configs, scene }) => {
      const { check, clock } = await scene(configs.main);
      const one = good(fixture, 'a');
      const first = await check(one);
      clock.now += 89_999;
      const second = await check(one);
      clock.now += 1;
      return [first, second, await check(one)];
    },
  ),
  'a request that is refused uses up nothing': story(
    ['proof_target_mismatch', 'allowed'],
    async ({ fixture, configs, scene }) => {
      const { check } = await scene(configs.main);
      const one = good(fixture, 'a');
      return [await check({ ...one, path: '/wit/other' }), await check(one)];
    },
  ),
};
