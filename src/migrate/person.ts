import type { ConfigInput } from '../config/schema.ts';
import { claimAtPath, claimNamed } from './claim.ts';
import type { Reading } from './provider.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

type Identity = NonNullable<ConfigInput['identity']>;

/** The claim with the address. The older option is used if the newer one has its default. */
export function findEmailClaim(reading: Reading, settings: Settings): string {
  if (reading !== 'openid') return 'email';
  const claim = settings.text('oidc-email-claim') ?? 'email';
  return claim === 'email' ? (settings.text('user-id-claim') ?? 'email') : claim;
}

const toCopy = 'the proxy decides which headers of the answer it copies';

/** The identity headers and their claims. `forwards`: whether oauth2-proxy forwards requests itself. */
export function migrateIdentity(
  reading: Reading,
  forwards: boolean,
  settings: Settings,
  report: Report,
): Identity {
  const claims = claimNames(reading, settings, report);
  const passAccessToken = settings.on('pass-access-token') && (settings.on('set-xauthrequest') || forwards);
  if (!passAccessToken && settings.on('pass-access-token'))
    report.unneeded(
      'pass-access-token',
      'without --set-xauthrequest the answer of oauth2-proxy does not contain the token',
    );
  if (settings.on('set-basic-auth') && settings.asks('basic-auth-password'))
    report.unsupported('basic-auth-password', 'Peerproof does not set Authorization: Basic');
  if (!settings.asks('set-xauthrequest')) report.unneeded('set-xauthrequest', toCopy);
  for (const name of ['pass-user-headers', 'pass-basic-auth'])
    if (!settings.on(name)) report.unneeded(name, toCopy);
  if (settings.on('prefer-email-to-user'))
    return { ...base(), headers: { 'x-forwarded-user': { from: 'x-forwarded-email' } } };
  return base();

  function base(): Identity {
    return {
      preset: 'oauth2-proxy',
      ...(Object.keys(claims).length > 0 && { claims }),
      ...migrateUnverifiedEmail(reading, settings, report),
      ...(passAccessToken && { passAccessToken }),
      ...(settings.on('set-authorization-header') && { passAuthorization: true }),
    };
  }
}

function claimNames(reading: Reading, settings: Settings, report: Report): NonNullable<Identity['claims']> {
  const names = ['oidc-email-claim', 'user-id-claim', 'oidc-groups-claim'];
  if (reading !== 'openid') {
    for (const name of names)
      report.unneeded(name, 'with this provider, oauth2-proxy always reads the claims email and groups');
    return {};
  }
  const email = findEmailClaim(reading, settings);
  if ((settings.text('oidc-email-claim') ?? 'email') !== 'email')
    report.unneeded('user-id-claim', '--oidc-email-claim is used instead');
  const groups = settings.text('oidc-groups-claim') ?? 'groups';
  const found = { email: claimAtPath(email), groups: claimAtPath(groups) };
  for (const { claim, shadow } of Object.values(found))
    if (shadow !== undefined)
      report.warn(
        `a claim name with dots is read as a path, ${JSON.stringify(claim)}; if the dots belong to the name, write ${JSON.stringify(claimNamed(shadow))}`,
      );
  return {
    ...(email !== 'email' && { email: found.email.claim }),
    ...(groups !== 'groups' && { groups: found.groups.claim }),
  };
}

function migrateUnverifiedEmail(
  reading: Reading,
  settings: Settings,
  report: Report,
): Pick<Identity, 'allowInsecureUnverifiedEmail'> {
  const name = 'insecure-oidc-allow-unverified-email';
  if (!settings.on(name)) return {};
  if (reading !== 'openid' || findEmailClaim(reading, settings) !== 'email') {
    report.unneeded(name, 'with this provider and claim, oauth2-proxy ignores it');
    return {};
  }
  report.warn(
    'identity.allowInsecureUnverifiedEmail: an address that the issuer marks as unverified is accepted',
  );
  return { allowInsecureUnverifiedEmail: true };
}
