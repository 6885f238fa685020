import { digestOf } from '../../support/wit-fixture.ts';
import type { Case, Group, HeaderLines, Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { beside, tokenLine, wit, wpt } from '../makers/workload-identity.ts';
import { story } from '../story.ts';

const target = 'proof_target_mismatch';

/** The shop's access token with these proofs beside its WIT. */
const carrying = (make: (good: string) => HeaderLines, reason: Case['reason']): Case => ({
  send: (f) => {
    const input = good(f);
    const [, proof] = input.headers?.[1] ?? ['', ''];
    return { ...input, headers: [...(input.headers ?? []).slice(0, 1), ...make(proof)] };
  },
  reason,
  hash: null,
});

export const group: Group = {
  number: 23,
  title: 'Workload identity tokens',
  items: {
    'a proof for an access token': {
      source: 'draft-ietf-wimse-wpt-01 §2; draft-ietf-wimse-wpt-02 §2',
      cases: {
        'for another path': beside(() => ({ claims: { aud: 'https://orders.example.com/wit' } }), target),
        'for another service': beside(
          () => ({ claims: { aud: 'https://payments.example.com/beside' } }),
          target,
        ),
        expired: beside((f) => ({ claims: { exp: f.seconds - 60 } }), 'proof_expired'),
        'of tomorrow': beside((f) => ({ claims: { iat: f.seconds + 86_400 } }), 'proof_not_yet_valid'),
        'that is missing': carrying(() => [], 'proof_missing'),
        twice: carrying(
          (proof) => [
            ['Workload-Proof-Token', proof],
            ['Workload-Proof-Token', proof],
          ],
          'proof_ambiguous',
        ),
        'that is a DPoP proof': {
          send: (f) => ({
            path: '/beside',
            token: f.token,
            headers: [
              tokenLine(wit(f)),
              ['Workload-Proof-Token', f.dpop.proof({ token: f.token })],
              ['DPoP', f.dpop.proof({ token: f.token })],
            ],
          }),
          reason: 'proof_malformed',
          hash: null,
        },
      },
      stories: {
        'replayed with both tokens': story(['allowed', 'proof_replayed'], async (stage) => {
          const { check } = await stage.scene(stage.configs.main);
          const input = good(stage.fixture);
          return [await check(input), await check(input)];
        }),
      },
    },
  },
};

function good(f: Fixture): Input {
  const one = wit(f);
  const proof = wpt(f, one, { aud: 'https://orders.example.com/beside', ath: digestOf(f.token) });
  return { path: '/beside', token: f.token, headers: [tokenLine(one), ['Workload-Proof-Token', proof]] };
}
