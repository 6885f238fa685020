import * as z from 'zod';
import { wptDraftNames } from '../core/token/wit-carriers.ts';
import * as field from './fields.ts';
import { origins } from './origins.ts';

const mostLifetime = 3_600_000;

/** How proofs of workload identity tokens are judged. */
export const wit = z
  .strictObject({
    origins: origins.describe(
      'By the Host that Peerproof receives: the origin that senders call, `{orders.example.com: https://orders.example.com}`. It can end with a path that a gateway removes. `aud` of a proof must be this origin and the path of the request. The Host alone is not believed, because a sender can write any.',
    ),
    audiences: field.list(
      field.text,
      'Other values of `aud` that are accepted for every request, such as the name of the service. Such a proof can be used for each path, and at each service that accepts the same name.',
    ),
    drafts: z
      .array(z.enum(wptDraftNames))
      .min(1)
      .default(['wpt-02'])
      .describe(
        'The drafts of draft-ietf-wimse-wpt that senders may speak. `wpt-02`: the proof is in `Authorization: WPT`. `wpt-01`: it is in `Workload-Proof-Token`, and `Authorization` may hold an access token, which it then names (`ath`).',
      ),
    lifetime: field
      .duration('5m', 'How far ahead a proof may expire. At most 1h.')
      .refine((value) => value <= mostLifetime, 'must not be longer than 1h: a proof is for one request'),
    clockSkew: field.duration(
      '30s',
      'The largest accepted difference between the clocks of a sender and of Peerproof.',
    ),
  })
  .prefault({})
  .describe(
    'Proofs of workload identity tokens (WPT, draft-ietf-wimse-wpt-02), for rules with `credential: wit`.',
  );
