import { BlockList } from 'node:net';
import type { ChallengeStyle } from '../core/refusal.ts';
import type { ForwardAuth, ForwardedPeers } from './check-request.ts';
import type { AnswerStyle } from './check-response.ts';
import type { OriginalName } from './forward-auth.ts';
import { type OwnIdentity, unknownSelf } from './own-sidecar.ts';

/** The part of the configuration that concerns the HTTP door. */
export interface HttpConfig {
  readonly realm: string;
  readonly dpop: { readonly algorithms: readonly string[] };
  readonly identity: { readonly preset: 'standard' | 'oauth2-proxy' };
  readonly http: {
    readonly pathPrefix?: string | undefined;
    readonly xfcc: ForwardedPeers;
    readonly forwardAuth: readonly {
      readonly path: string;
      readonly proxies: readonly Network[];
      readonly original: OriginalName;
      readonly hostHeader?: string | undefined;
      readonly certificateHeader?: string | undefined;
    }[];
  };
}

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** The settings of the HTTP door. They are replaced as a whole. */
export interface HttpSettings {
  /** The prefix of the path of Envoy's checks. Empty: no prefix. Undefined: such checks are not served. */
  readonly pathPrefix: string | undefined;
  readonly xfcc: ForwardedPeers;
  readonly own: OwnIdentity;
  readonly forwardAuth: ReadonlyMap<string, ForwardAuth>;
  readonly styles: HttpStyles;
}

/** The form of the answers, for both kinds of check. */
export interface HttpStyles {
  readonly check: AnswerStyle;
  readonly forwardAuth: AnswerStyle;
}

export function createHttpSettings(config: HttpConfig, own: OwnIdentity = unknownSelf): HttpSettings {
  const { http } = config;
  const forwardAuth = new Map(
    http.forwardAuth.map(({ proxies, ...auth }) => [auth.path, { ...auth, trusts: listOf(proxies) }]),
  );
  return {
    // A path of `forwardAuth` serves nothing else. So if there are such paths, Envoy's checks need a prefix.
    pathPrefix: http.pathPrefix ?? (forwardAuth.size > 0 ? undefined : ''),
    xfcc: http.xfcc,
    own,
    forwardAuth,
    styles: stylesOf(config),
  };
}

/** The form of the answers at both doors. */
export function stylesOf(config: Omit<HttpConfig, 'http'>): HttpStyles {
  return styles[config.identity.preset](challengeStyleOf(config));
}

export function challengeStyleOf({ realm, dpop }: Pick<HttpConfig, 'realm' | 'dpop'>): ChallengeStyle {
  return { realm, dpopAlgorithms: dpop.algorithms };
}

/** One row a preset. Envoy reads 202 as a denial, so an ext_authz that asks at a path for nginx is denied. */
const styles: Readonly<Record<HttpConfig['identity']['preset'], (of: ChallengeStyle) => HttpStyles>> = {
  standard: (of) => ({
    check: { refusals: { ...of, body: 'explained' }, allows: { status: 200, body: '' }, forEnvoy: true },
    forwardAuth: {
      refusals: { ...of, body: 'explained' },
      allows: { status: 202, body: '' },
      forEnvoy: false,
    },
  }),
  'oauth2-proxy': (of) => ({
    check: {
      refusals: { ...of, body: 'empty' },
      allows: { status: 200, body: 'Authenticated' },
      forEnvoy: true,
    },
    forwardAuth: { refusals: { ...of, body: 'text' }, allows: { status: 202, body: '' }, forEnvoy: false },
  }),
};

function listOf(networks: readonly Network[]): ForwardAuth['trusts'] {
  const list = new BlockList();
  for (const { address, bits, family } of networks) list.addSubnet(address, bits, family);
  return (address) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
