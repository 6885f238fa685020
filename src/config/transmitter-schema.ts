import * as z from 'zod';
import * as field from './fields.ts';

/** One issuer of security event tokens. */
export const transmitter = z
  .strictObject({
    issuer: field.text.describe(
      'The `iss` of its security event tokens, compared character by character. Discovery of its keys starts at this URL.',
    ),
    audience: field.text.describe('What `aud` of its tokens must hold: the name that it knows Peerproof by.'),
    jwksUri: field.optional(field.url, 'URL of its keys. Replaces discovery.'),
    jwks: z
      .union([field.text, z.looseObject({ keys: z.array(z.looseObject({})) })])
      .optional()
      .describe('Its keys as a JWK Set: either the set itself, or the name of a file.'),
    ca: field.optional(
      field.text,
      "PEM file of the certificate authorities that are trusted for connections to it. Replaces the system's.",
    ),
    algorithms: field.signingAlgorithms,
    clockSkew: field.duration(
      '30s',
      'The largest accepted difference between its clock and that of Peerproof.',
    ),
    maxAge: field
      .duration(
        '1h',
        'How old one of its tokens may be (`iat`). So long it can be sent again, after an outage. At most 168h.',
      )
      .refine((age) => age >= 60_000 && age <= 604_800_000, 'must be from 1m to 168h'),
    speaksFor: z
      .array(field.name)
      .min(1, 'must hold at least one issuer')
      .max(16)
      .describe('Names of the issuers whose tokens it may revoke. It cannot revoke those of others.'),
    tokenFile: field.text.describe(
      'File with the bearer token: the one that it shows when it pushes, and the one that it is shown when it is polled.',
    ),
    poll: field.optional(
      field.url,
      'URL where its tokens are fetched (RFC 8936). Without it, it pushes them to `listen.events`.',
    ),
    timeout: field.duration('5s', 'How long Peerproof waits for one of its answers.'),
    allowInsecureHttp: field.flag('Allows plain http to a host other than this machine.'),
  })
  .describe('An issuer of security event tokens.');

export type TransmitterConfig = z.output<typeof transmitter>;
