import * as z from 'zod';
import { tokenFormats } from '../core/internal-token/claims.ts';
import * as field from './fields.ts';

/** The signed token of what was proven, for the application. */
export const internalToken = z
  .strictObject({
    format: z
      .enum(tokenFormats)
      .default('jwt')
      .describe(
        '`jwt`: a token for one destination. `txn-token`: a Transaction Token (draft-ietf-oauth-transaction-tokens-10), which applications pass on within `trustDomain`.',
      ),
    issuer: field.url.describe('`iss` of the tokens. Nothing is fetched from it.'),
    keyFiles: z
      .array(field.text)
      .min(1, 'must hold at least one file')
      .max(8, 'must hold at most 8 files')
      .describe(
        'Files of private keys, each with one key in PEM or as a JWK: P-256 (ES256), Ed25519 (EdDSA), or RSA of 2048 bits and more (RS256). The first one signs. The others are only published, so that verifiers know a key before it signs.',
      ),
    header: field.optional(
      field.headerName,
      'The header that carries the token. What a client sends in it is always removed. Default: `x-peerproof-token`, with `txn-token` always `txn-token`.',
    ),
    lifetime: field
      .duration('60s', 'How long a token is valid. It never outlives the token that the request brought.')
      .refine((time) => time >= 5_000 && time <= 3_600_000, 'must be from 5s to 1h'),
    reuse: field.optional(
      field.milliseconds,
      'How long the same token is sent with requests that say the same: a known token then costs no signature. `0s`: each request gets its own. Default: half of `lifetime`, with `txn-token` 0s.',
    ),
    signAfter: field.duration(
      '15m',
      'How long a key that is new in a file is published before it signs. Verifiers may keep the keys for a third of it.',
    ),
    audiences: z
      .record(
        z.string().regex(/^[a-z0-9_][a-z0-9_.-]*(?::\d{1,5})?$/, 'must be a host in lower case'),
        field.text,
      )
      .default({})
      .describe(
        'By host: the name of a destination whose SPIFFE ID no proxy states, or that is behind a gateway of `peers.gateways`, such as `orders.example.com: orders`. A request whose destination has no name gets no token.',
      ),
    trustDomain: field.optional(
      field.trustDomain,
      '`aud` of Transaction Tokens: where they are valid, such as `cluster.local`.',
    ),
  })
  .refine(({ reuse = 0, lifetime }) => reuse < lifetime, {
    path: ['reuse'],
    message: 'must be shorter than lifetime: a token that is sent again must still be valid',
  })
  .describe(
    'Mints a short-lived signed token of what was proven for each allowed request with a token. The public keys are served on `listen.keys`.',
  );

export type InternalTokenConfig = z.output<typeof internalToken>;
