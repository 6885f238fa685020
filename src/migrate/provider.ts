import type { MigrationReport } from './report.ts';
import type { Settings } from './settings.ts';

/**
 * How oauth2-proxy reads a bearer token of a provider: `openid` by the settings for claims, `fixed` by the claims `email`
 * and `groups` alone, whatever the settings say. The others verify none.
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

/** The provider, which is google where none is given. */
export function providerOf(settings: Settings, report: MigrationReport): { name: string; reading: Reading } {
  const name = settings.text('provider') ?? 'google';
  const reading = Object.hasOwn(readings, name) ? readings[name] : undefined;
  if (!reading) {
    report.fail(`--provider is none of ${Object.keys(readings).join(', ')}`);
    return { name: 'oidc', reading: 'openid' };
  }
  if (reading === 'none') {
    const why = `no bearer token of ${name} ever passed: it logs people in, which Peerproof does not`;
    if (settings.given.has('provider')) report.say('provider', 'not supported', why);
    else report.lack(`--provider is not given, so it is google: ${why}`);
  }
  return { name, reading };
}
