import { kept, notNeeded, notSupported, type Row, replaced } from '../option.ts';

const noBasic = notSupported(
  'Peerproof does not set Authorization: Basic, so an application does not receive it',
);

/** Options for headers to the application. */
export const identity: Readonly<Record<string, Row>> = {
  'oidc-email-claim': kept('identity.claims.email')('string'),
  'user-id-claim': replaced('identity.claims.email')('string'),
  'oidc-groups-claim': kept('identity.claims.groups')('string'),
  'set-xauthrequest': kept('identity.preset oauth2-proxy sets x-auth-request-*')('bool'),
  'pass-access-token': kept('identity.passAccessToken')('bool'),
  'set-authorization-header': kept('identity.passAuthorization')('bool'),
  'pass-authorization-header': notNeeded('the Authorization of the request always reaches the application')(
    'bool',
  ),
  'pass-user-headers': kept('identity.preset oauth2-proxy sets x-forwarded-*')('bool'),
  'pass-basic-auth': kept('identity.preset oauth2-proxy sets x-forwarded-*')('bool'),
  'prefer-email-to-user': replaced('identity.headers: x-forwarded-user from x-forwarded-email')('bool'),
  'set-basic-auth': noBasic('bool'),
  'basic-auth-password': notNeeded('Peerproof does not set Authorization: Basic')('string'),
  'skip-auth-strip-headers': {
    ...notSupported(
      'identity headers of a client are always removed or replaced, because a client could forge its identity',
    )('bool'),
    idle: true,
  },
  'signature-key': notSupported(
    'Peerproof does not sign requests: an application that checks GAP-Signature refuses them',
  )('string'),
};
