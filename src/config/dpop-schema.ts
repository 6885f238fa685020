import * as z from 'zod';
import { algorithmNames } from '../core/token/algorithms.ts';
import * as field from './fields.ts';
import { origins } from './origins.ts';

const second = 1_000;
const minute = 60 * second;

const nonce = z
  .strictObject({
    lifetime: field
      .duration('5m', 'How long a nonce is accepted at least. It is accepted for twice as long at most.')
      .refine((time) => time >= 10 * second && time <= 60 * minute, 'must be from 10s to 1h'),
    keyFile: field.optional(
      field.text,
      'File with the key that nonces are made with: one line of 32 characters or more, as `openssl rand -base64 32` writes it. All replicas need the same. With more than one line, the first makes nonces, and the nonces of all are accepted. Without the file the service makes a key when it starts, so it must be the only replica.',
    ),
  })
  .describe(
    'Each proof must hold a nonce of this service. A client is refused once and gets the nonce with the answer (`use_dpop_nonce`). Without this setting, `iat` alone says how old a proof is.',
  );

/** How DPoP proofs are judged. Each setting applies without a restart. */
export const dpop = z
  .strictObject({
    origins: origins.describe(
      'What clients see instead of `https://` and the Host, by the Host that is received: `{"orders.internal:8080": https://api.example.com}`. Needed where a gateway changes the Host or ends TLS for plain http, and for a port that Envoy removes. It can end with a path that the gateway removes. Headers such as `x-forwarded-host` are never used.',
    ),
    algorithms: z
      .array(z.enum(algorithmNames))
      .min(1)
      .default(['ES256', 'PS256', 'EdDSA', 'Ed25519'])
      .describe(
        'Accepted algorithms of proofs. `WWW-Authenticate` names them. The client chooses one of them, and a proof with ES384 or ES512 costs ten times as much processor time.',
      ),
    maxAge: field
      .duration('60s', 'How long a proof is accepted after `iat`. Does not count if `nonce` is set.')
      .refine((time) => time >= second && time <= 10 * minute, 'must be from 1s to 10m'),
    clockSkew: field
      .duration('30s', 'The largest accepted difference between the clock of a client and that of Peerproof.')
      .refine((time) => time <= 5 * minute, 'must be at most 5m'),
    nonce: nonce.optional(),
  })
  .prefault({})
  .describe('How the proofs of rules with `binding: [dpop]` are judged (RFC 9449).');
