import type { ConfigInput } from '../../src/config/schema.ts';
import { TRUST_DOMAIN } from './fixture.ts';
import type { Setup } from './http-case.ts';

/** Our own sidecar, and the one beside the application, which asks. */
export const OWN = `spiffe://${TRUST_DOMAIN}/ns/peerproof/sa/peerproof`;

const forwardAuth = { path: '/oauth2/auth', proxies: ['127.0.0.1'] };

/** The ways in which the HTTP door is set up, one Peerproof each. */
export function httpConfigs(main: ConfigInput, owned: ConfigInput): Readonly<Record<Setup, ConfigInput>> {
  const open = (http: NonNullable<ConfigInput['http']>): ConfigInput => ({ ...main, http });
  return {
    check: open({}),
    owned: { ...owned, http: { xfcc: 'direct' } },
    'owned-sidecar': { ...owned, http: { xfcc: { sidecar: OWN } } },
    'owned-none': { ...owned, http: {} },
    direct: open({ xfcc: 'direct', spiffeId: OWN, pathPrefix: '/check' }),
    sidecar: open({ xfcc: { sidecar: OWN } }),
    nginx: open({
      pathPrefix: '/check',
      forwardAuth: [{ ...forwardAuth, original: 'x-original', certificateHeader: 'x-client-certificate' }],
    }),
    ingress: open({
      forwardAuth: [{ ...forwardAuth, original: 'x-original-url', hostHeader: 'x-original-host' }],
    }),
    caddy: open({ forwardAuth: [{ ...forwardAuth, original: 'x-forwarded' }] }),
    foreign: open({
      forwardAuth: [{ ...forwardAuth, proxies: ['10.0.0.0/8', '127.0.0.2'], original: 'x-original' }],
    }),
  };
}
