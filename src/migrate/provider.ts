import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/**
 * How oauth2-proxy reads a bearer token of a provider. `openid`: it uses the settings for claims. `fixed`: it
 * always uses the claims `email` and `groups`. `none`: it accepts no bearer tokens.
 */
export type Reading = 'openid' | 'fixed' | 'none';

const readings: Readonly<Record<string, Reading>> = {
  oidc: 'openid',
  adfs: 'openid',
  cidaas: 'openid',
  'entra-id': 'openid',
  gitlab: 'openid',
  'keycloak-oidc': 'openid',
  azure: 'fixed',
  bitbucket: 'none',
  digitalocean: 'none',
  facebook: 'none',
  github: 'none',
  google: 'none',
  keycloak: 'none',
  linkedin: 'none',
  'login.gov': 'none',
  nextcloud: 'none',
  sourcehut: 'none',
};

/** The provider. Default: google. */
export function migrateProvider(settings: Settings, report: Report): { name: string; reading: Reading } {
  const name = settings.text('provider') ?? 'google';
  const reading = Object.hasOwn(readings, name) ? readings[name] : undefined;
  if (!reading) {
    report.fail(`--provider must be one of ${Object.keys(readings).join(', ')}`);
    return { name: 'oidc', reading: 'openid' };
  }
  if (reading === 'none') {
    const why = `oauth2-proxy accepts no bearer tokens of ${name}, only logins; Peerproof has no login`;
    if (settings.given.has('provider')) report.unsupported('provider', why);
    else report.lack(`--provider is not set, so it is google: ${why}`);
  }
  return { name, reading };
}
