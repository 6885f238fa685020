import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import { parseSpiffeId } from '../peer/spiffe-id.ts';
import type { AlgorithmName } from './algorithms.ts';
import type { TokenAuthority } from './authority.ts';
import type { UnverifiedJws } from './jws.ts';
import type { KeySource } from './keys.ts';
import type { ProfileName } from './profiles.ts';

/** An issuer that the configuration names. Only these exist: an unknown `iss` never causes a fetch. */
export interface Issuer {
  readonly name: string;
  /** Compared with `iss` character by character, trailing slash and case included. Undefined: told in another way. */
  readonly iss: string | undefined;
  readonly audiences: readonly string[];
  readonly profile: ProfileName;
  readonly algorithms: ReadonlySet<AlgorithmName>;
  /** Milliseconds. */
  readonly clockSkew: number;
  /** Verifies signatures here; undefined where the authority alone knows. */
  readonly keys: KeySource | undefined;
  /** CachedAuthority about each token, after its signature held where there are keys. */
  readonly authority: TokenAuthority | undefined;
  /** The trust domain whose workloads its ServiceAccounts and JWT-SVIDs are. */
  readonly trustDomain: string | undefined;
  /** Weaker choices, by name: tokens without `exp`, without `aud`. */
  readonly allowInsecureNoExpiry: boolean;
  readonly allowInsecureNoAudience: boolean;
}

/** Whether a rule accepts tokens of this issuer: it names the issuer, or it names none at all. */
export function acceptsIssuer(accepted: readonly string[], issuer: string): boolean {
  return accepted.length === 0 || accepted.includes(issuer);
}

/** Finds whose token this claims to be. Nothing here is believed yet: the issuer found has to prove it. */
export class Issuers {
  readonly #named = new Map<string, Issuer>();
  readonly #byIss = new Map<string, Issuer>();
  readonly #byTrustDomain = new Map<string, Issuer>();
  readonly #opaque: Issuer[] = [];

  constructor(issuers: readonly Issuer[]) {
    for (const issuer of issuers) {
      this.#named.set(issuer.name, issuer);
      if (issuer.iss !== undefined) this.#byIss.set(issuer.iss, issuer);
      if (issuer.profile === 'jwt-svid' && issuer.trustDomain)
        this.#byTrustDomain.set(issuer.trustDomain, issuer);
      if (!issuer.keys && issuer.profile !== 'service-account') this.#opaque.push(issuer);
    }
  }

  named(name: string): Issuer | undefined {
    return this.#named.get(name);
  }

  /** A JWT's issuer by `iss`; a JWT-SVID without one (JWT-SVID §3 asks for none) by the trust domain of `sub`. */
  forJwt({ payload: { iss, sub } }: UnverifiedJws): Issuer | undefined {
    if (iss !== undefined || typeof sub !== 'string')
      return typeof iss === 'string' ? this.#byIss.get(iss) : undefined;
    const id = parseSpiffeId(sub);
    return id instanceof Malformed ? undefined : this.#byTrustDomain.get(id.trustDomain);
  }

  /**
   * The issuer of a token that is no JWT: the one introspection issuer that the rule accepts. Never a guess by trial: a
   * token is shown to nobody else. The configuration makes sure that there is one at the most.
   */
  forOpaqueToken(accepted: readonly string[]): Issuer | Denial {
    const possible = this.#opaque.filter(({ name }) => acceptsIssuer(accepted, name));
    const [issuer] = possible;
    if (possible.length === 1 && issuer) return issuer;
    return new Denial('token_malformed', 'not a JWT, and no one issuer of opaque tokens is accepted here');
  }
}
