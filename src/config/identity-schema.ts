import { z } from 'zod';
import { presetNames } from '../core/identity/presets.ts';
import * as field from './fields.ts';

/** What the application learns, and in which words. */
export const identity = z
  .strictObject({
    preset: z
      .enum(presetNames)
      .default('standard')
      .describe('`oauth2-proxy`: its headers, claims, bodies and codes, where they are safe.'),
    claims: z
      .strictObject({
        email: field.text.default('email').describe('Claim, or JSON pointer to one.'),
        preferredUsername: field.text
          .default('preferred_username')
          .describe('Claim, or JSON pointer to one.'),
        groups: field.text
          .default('groups')
          .describe('Claim, or JSON pointer to one, such as `/realm_access/roles`.'),
      })
      .prefault({}),
    allowInsecureUnverifiedEmail: z
      .boolean()
      .default(false)
      .describe(
        'Believes the claim `email` whatever `email_verified` says. Else `standard` believes it beside `email_verified: true` alone; `oauth2-proxy` also without that claim, and refuses the token beside `false`.',
      ),
    passAccessToken: z
      .boolean()
      .default(false)
      .describe(
        'Sends the access token as `x-auth-request-access-token` too (with `oauth2-proxy`: and `x-forwarded-access-token`).',
      ),
    passAuthorization: z
      .boolean()
      .default(false)
      .describe('Sends `authorization` on the answer, for proxies that copy it from there.'),
    headers: z
      .record(
        field.headerName,
        z.union([
          z.literal(false),
          z.strictObject({ claim: field.text }),
          z.strictObject({ from: field.headerName }),
        ]),
      )
      .default({})
      .describe(
        'One header each: `{claim: tenant}` adds it from a claim or JSON pointer, `{from: x-auth-request-user}` takes over that one under another name, `false` drops it: it is then always removed.',
      ),
  })
  .prefault({});
