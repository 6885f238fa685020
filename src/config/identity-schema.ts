import * as z from 'zod';
import { presetNames } from '../core/identity/presets.ts';
import * as field from './fields.ts';
import { internalToken } from './internal-token-schema.ts';

/** Which identity headers the application receives, and from which claims. */
export const identity = z
  .strictObject({
    preset: z
      .enum(presetNames)
      .default('standard')
      .describe(
        'The set of headers. `oauth2-proxy`: the headers, claims, bodies and status codes of oauth2-proxy, where they are safe.',
      ),
    claims: z
      .strictObject({
        email: field.text.default('email').describe('A claim, or a JSON pointer to one.'),
        preferredUsername: field.text
          .default('preferred_username')
          .describe('A claim, or a JSON pointer to one.'),
        groups: field.text
          .default('groups')
          .describe('A claim, or a JSON pointer to one, such as `/realm_access/roles`.'),
      })
      .prefault({}),
    allowInsecureUnverifiedEmail: field.flag(
      'Accepts the claim `email` whatever `email_verified` says. Default: the preset `standard` accepts it only with `email_verified: true`. The preset `oauth2-proxy` also accepts it without `email_verified`, and refuses a token with `email_verified: false`.',
    ),
    passAccessToken: field.flag(
      'Also sends the access token in `x-auth-request-access-token`. The preset `oauth2-proxy` adds `x-forwarded-access-token`.',
    ),
    passAuthorization: field.flag('Sets `authorization` on the answer, for proxies that copy it from there.'),
    token: internalToken.optional(),
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
        'One entry per header. `{claim: tenant}` adds a header from a claim or JSON pointer. `{from: x-auth-request-user}` sends that header under another name. `false` drops a header: it is then removed from every request.',
      ),
  })
  .prefault({});
