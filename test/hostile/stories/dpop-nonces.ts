import { headersOf } from '../../support/check-wire.ts';
import type { Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { type Stage, story } from '../story.ts';

const rules = [{ name: 'keyed', require: { binding: ['dpop' as const] } }];
const url = 'https://orders.example.com/keyed';

/** A proof with this nonce, and a token that is still good in an hour. */
function send(f: Fixture, nonce: string | undefined): Input {
  const token = f.sign({ cnf: { jkt: f.dpop.thumbprint }, exp: f.seconds + 7_200 });
  const proof = f.dpop.proof({ token, url, claims: { nonce } });
  return {
    path: '/keyed',
    headers: [
      ['authorization', `DPoP ${token}`],
      ['dpop', proof],
    ],
  };
}

const open = ({ scene, configs: { main } }: Stage, lifetime: string) =>
  scene({ ...main, rules, dpop: { nonce: { lifetime } } });
const nonceIn = ({ response }: Awaited<ReturnType<Awaited<ReturnType<Stage['scene']>>['check']>>) =>
  headersOf(response.deniedResponse?.headers)['dpop-nonce'];

export const nonces = {
  'the one of the answer is good, and not for ever': story(
    ['proof_nonce_missing', 'allowed', 'proof_nonce_expired', 'allowed'],
    async (stage) => {
      const { fixture: f } = stage;
      const scene = await open(stage, '1m');
      const first = await scene.check(send(f, undefined));
      const second = await scene.check(send(f, nonceIn(first)));
      scene.clock.now += 120_000;
      const third = await scene.check(send(f, nonceIn(first)));
      return [first, second, third, await scene.check(send(f, nonceIn(third)))];
    },
  ),
  'a reload changes no nonce': story(['proof_nonce_missing', 'allowed'], async (stage) => {
    const { fixture: f, configs } = stage;
    const scene = await open(stage, '1m');
    const first = await scene.check(send(f, undefined));
    await scene.reload({ ...configs.main, rules, dpop: { nonce: { lifetime: '1m' }, maxAge: '10s' } });
    return [first, await scene.check(send(f, nonceIn(first)))];
  }),
};
