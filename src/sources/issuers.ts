import { issOf } from '../config/cluster.ts';
import { type IssuerConfig, profileOf } from '../config/issuer-schema.ts';
import type { Config } from '../config/schema.ts';
import type { IssuerState } from '../operate/metrics.ts';
import type { Issuer } from '../token/issuers.ts';
import { createAuthority } from './issuer-authority.ts';
import type { IssuerContext } from './issuer-context.ts';
import { createKeys } from './issuer-keys.ts';

/** An issuer with whatever keeps its keys fresh. */
export interface RunningIssuer {
  readonly issuer: Issuer;
  /** Resolves when its keys were tried once. */
  start(): Promise<void>;
  stop(): void;
  /** `keys`: whether signatures are verified here; an issuer that is only asked has none. */
  state(): IssuerState & { readonly keys: boolean; readonly failure: string | undefined };
}

/** Makes the issuers of a configuration, which was checked when it was loaded. */
export function createIssuers({ issuers, peers }: Config, context: IssuerContext): RunningIssuer[] {
  const [only, ...more] = Object.keys(peers.trustDomains ?? {});
  // An issuer that names no trust domain belongs to the only one there is.
  const trustDomain = more.length === 0 ? only : undefined;
  return Object.entries(issuers).map(([name, issuer]) =>
    createIssuer(name, { trustDomain, ...issuer }, context),
  );
}

function createIssuer(name: string, config: IssuerConfig, context: IssuerContext): RunningIssuer {
  const authority = createAuthority(name, config, context);
  const asksOnly = config.introspection !== undefined || config.kubernetes?.verify === 'tokenReview';
  const keys = asksOnly ? undefined : createKeys(name, config, context);
  return {
    issuer: {
      name,
      iss: issOf(config, context.files),
      audiences: config.audiences,
      profile: profileOf(config),
      algorithms: new Set(config.algorithms),
      clockSkew: config.clockSkew,
      keys: keys?.source,
      authority: authority?.authority,
      trustDomain: config.trustDomain,
      allowInsecureNoExpiry: config.allowInsecureNoExpiry,
      allowInsecureNoAudience: config.allowInsecureNoAudience,
    },
    start: async () => keys?.start(),
    stop() {
      keys?.stop();
      authority?.stop();
    },
    state() {
      const known = keys?.state();
      const asked = authority?.state();
      return {
        issuer: name,
        keys: keys !== undefined,
        keyAge: known?.fetchedAt === undefined ? undefined : (context.clock() - known.fetchedAt) / 1000,
        fetches: known?.fetches ?? 0,
        failures: known?.failures ?? 0,
        asked,
        failure: known?.failure ?? asked?.failure,
      };
    },
  };
}
