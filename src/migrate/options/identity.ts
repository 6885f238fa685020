import { fate, type Row } from '../option.ts';

const kept = (why: string) => fate('kept', why);
const noBasic = fate(
  'not supported',
  'no Authorization: Basic is made: an application that needs one gets none',
);

/** Options about what the application learns. */
export const identity: Readonly<Record<string, Row>> = {
  'oidc-email-claim': kept('identity.claims.email')('string'),
  'user-id-claim': fate('replaced', 'identity.claims.email')('string'),
  'oidc-groups-claim': kept('identity.claims.groups')('string'),
  'set-xauthrequest': kept('x-auth-request-* are headers of identity.preset oauth2-proxy')('bool'),
  'pass-access-token': kept('identity.passAccessToken')('bool'),
  'set-authorization-header': kept('identity.passAuthorization')('bool'),
  'pass-authorization-header': fate(
    'not needed',
    'the Authorization of the request reaches the application anyway',
  )('bool'),
  'pass-user-headers': kept('x-forwarded-* are headers of identity.preset oauth2-proxy')('bool'),
  'pass-basic-auth': kept('x-forwarded-* are headers of identity.preset oauth2-proxy')('bool'),
  'prefer-email-to-user': fate(
    'replaced',
    'identity.headers: x-forwarded-user from x-forwarded-email',
  )('bool'),
  'set-basic-auth': noBasic('bool'),
  'basic-auth-password': fate('not needed', 'no Authorization: Basic is made')('string'),
  'skip-auth-strip-headers': fate(
    'not supported',
    'identity headers that a client sends are always removed or replaced, or it could name itself',
  )('bool', { idle: true }),
  'signature-key': fate(
    'not supported',
    'no request is signed: an application that looks for GAP-Signature refuses it',
  )('string'),
};
