import type { Input } from '../case.ts';
import { good, keyed, lines, url } from '../makers/dpop.ts';
import { otherSignature } from '../makers/other-signature.ts';
import { type Stage, story } from '../story.ts';

/** Sends these requests one after the other, to one world. */
const requests = (reasons: Parameters<typeof story>[0], make: (stage: Stage) => readonly Input[]) =>
  story(reasons, async (stage) => {
    const scene = await stage.scene(stage.configs.main);
    const answers = [];
    for (const input of make(stage)) answers.push(await scene.check(input));
    return answers;
  });

const sent = (token: string, proof: string): Input => ({ path: '/keyed', headers: lines(token, proof) });

export const replays = {
  'the same request again': requests(['allowed', 'proof_replayed'], ({ fixture: f }) => {
    const token = keyed(f);
    const input = sent(token, good(f, token));
    return [input, input];
  }),
  'another proof with the same jti': requests(['allowed', 'proof_replayed', 'allowed'], ({ fixture: f }) => {
    const token = keyed(f);
    const again = (jti: string, iat: number) =>
      sent(token, f.dpop.proof({ token, url, claims: { jti, iat } }));
    return [again('a', f.seconds), again('a', f.seconds - 1), again('b', f.seconds)];
  }),
  'the same proof with the other signature that is valid': requests(
    ['allowed', 'proof_replayed', 'allowed', 'proof_replayed'],
    ({ fixture: f }) => {
      const token = keyed(f);
      const [one, two] = [good(f, token), good(f, token)];
      return [one, otherSignature(one), otherSignature(two), two].map((proof) => sent(token, proof));
    },
  ),
  'the same proof in other letters': requests(
    [...Array(4).fill('proof_malformed'), 'proof_signature_invalid', 'allowed'],
    ({ fixture: f }) => {
      const token = keyed(f);
      const one = good(f, token);
      const odd = [`${one}=`, `${one}.`, `=${one}`, one.replace('.', '=.'), `${one}A`];
      return [...odd, one].map((proof) => sent(token, proof));
    },
  ),
  'the same jti of another client': requests(['allowed', 'allowed'], ({ fixture: f }) =>
    [f.dpop, f.dpopThief].map((client) => {
      const token = keyed(f, { cnf: { jkt: client.thumbprint } });
      return sent(token, client.proof({ token, url, claims: { jti: 'a' } }));
    }),
  ),
  'a request that was refused uses nothing up': requests(
    ['proof_method_mismatch', 'allowed'],
    ({ fixture: f }) => {
      const token = keyed(f);
      const input = sent(token, good(f, token));
      return [{ ...input, method: 'DELETE' }, input];
    },
  ),
  'after a reload': story(['allowed', 'proof_replayed'], async ({ fixture: f, configs, scene: open }) => {
    const scene = await open(configs.main);
    const token = keyed(f);
    const input = sent(token, good(f, token));
    const first = await scene.check(input);
    await scene.reload({ ...configs.main, dpop: { maxAge: '2m' } });
    return [first, await scene.check(input)];
  }),
};
