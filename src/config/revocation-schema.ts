import * as z from 'zod';
import { outageChoices } from '../core/revocation/revocations.ts';
import * as field from './fields.ts';
import { tls } from './listen-schema.ts';
import { transmitter } from './transmitter-schema.ts';

/** Milliseconds of 31 days. */
const longestKeep = 2_678_400_000;

export const revocation = z
  .strictObject({
    file: field.optional(
      field.text,
      'A file of revocations instead of the `store`, for one replica. `peerproof revoke` writes it. It is read once a second. It must exist, and may be empty.',
    ),
    keep: field
      .duration(
        '24h',
        'How long a revocation is kept, if `peerproof revoke --for` does not say otherwise, and the longest time that it can say. No token may live longer: it would be accepted again. At most 744h.',
      )
      .refine(
        (keep) => keep >= 60_000 && keep <= longestKeep,
        'must be from 1m to 744h: a revocation is kept for as long as the longest token lives',
      ),
    memory: field.bytes
      .prefault('64Mi')
      .refine((memory) => memory >= 1_048_576, 'must be at least 1Mi: that is about 2,000 revocations')
      .describe(
        'Memory of each process for all revocations. It takes about 120,000 of them at 64Mi. When it is full, new ones are refused, and none is dropped. Give all replicas the same value.',
      ),
    maxStaleness: field
      .duration(
        '30s',
        'How long tokens are accepted without a look at the revocations. After that, `onOutage` applies.',
      )
      .refine((time) => time >= 3_000, 'must be at least 3s: the revocations are read once a second'),
    onOutage: z
      .enum(outageChoices)
      .default('refuse')
      .describe(
        'What becomes of checks with a token while the revocations cannot be read for longer than `maxStaleness`. `refuse`: they are refused (`store_unavailable`). `useKnown`: they go on with what was known before, and a token that was revoked since is accepted.',
      ),
    transmitters: z
      .record(field.name, transmitter)
      .default({})
      .describe('Issuers that say by themselves what is revoked (SSF, CAEP). The name is in the log.'),
    tls,
  })
  .describe(
    'Tokens can be revoked before they expire: with `peerproof revoke`, or by their issuer. Without this setting nothing can be revoked.',
  );

export type RevocationConfig = z.output<typeof revocation>;
