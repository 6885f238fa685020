import { BlockList } from 'node:net';
import type { ForwardAuth, ForwardedPeers } from './check-request.ts';
import type { AnswerStyle } from './check-response.ts';
import type { OriginalName } from './forward-auth.ts';
import { type OwnIdentity, unknownSelf } from './own-sidecar.ts';

/** What the configuration says of the HTTP door. */
export interface HttpConfig {
  readonly realm: string;
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

/** How the HTTP door works; replaced as a whole. */
export interface HttpSettings {
  /** Before the path of Envoy's checks. Empty: none; undefined: no such checks are served. */
  readonly pathPrefix: string | undefined;
  readonly xfcc: ForwardedPeers;
  readonly own: OwnIdentity;
  readonly forwardAuth: ReadonlyMap<string, ForwardAuth>;
  readonly styles: HttpStyles;
}

/** How answers are written, at the two kinds of check. */
export interface HttpStyles {
  readonly check: AnswerStyle;
  readonly forwardAuth: AnswerStyle;
}

export function createHttpSettings(
  { realm, identity, http }: HttpConfig,
  own: OwnIdentity = unknownSelf,
): HttpSettings {
  const forwardAuth = new Map(
    http.forwardAuth.map(({ proxies, ...auth }) => [auth.path, { ...auth, trusts: listOf(proxies) }]),
  );
  return {
    // A path of `forwardAuth` is nothing else, so where there are any, Envoy's checks need a prefix that tells them apart.
    pathPrefix: http.pathPrefix ?? (forwardAuth.size > 0 ? undefined : ''),
    xfcc: http.xfcc,
    own,
    forwardAuth,
    styles: stylesOf({ realm, identity }),
  };
}

/** How the doors write their answers. */
export function stylesOf({ realm, identity }: Pick<HttpConfig, 'realm' | 'identity'>): HttpStyles {
  return styles[identity.preset](realm);
}

/** One row a preset. Envoy takes a 202 for a denial: an ext_authz that asks where nginx does lets nothing through. */
const styles: Readonly<Record<HttpConfig['identity']['preset'], (realm: string) => HttpStyles>> = {
  standard: (realm) => ({
    check: { refusals: { realm, body: 'explained' }, allows: { status: 200, body: '' }, no5xx: true },
    forwardAuth: { refusals: { realm, body: 'explained' }, allows: { status: 202, body: '' }, no5xx: false },
  }),
  'oauth2-proxy': (realm) => ({
    check: {
      refusals: { realm, body: 'empty' },
      allows: { status: 200, body: 'Authenticated' },
      no5xx: true,
    },
    forwardAuth: { refusals: { realm, body: 'text' }, allows: { status: 202, body: '' }, no5xx: false },
  }),
};

function listOf(networks: readonly Network[]): ForwardAuth['trusts'] {
  const list = new BlockList();
  for (const { address, bits, family } of networks) list.addSubnet(address, bits, family);
  return (address) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
