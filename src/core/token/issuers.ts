import { listed } from '../../lib/excerpt.ts';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import { parseSpiffeId } from '../peer/spiffe-id.ts';
import type { AlgorithmName } from './algorithms.ts';
import type { TokenAuthority } from './authority.ts';
import type { UnverifiedJws } from './jws.ts';
import type { KeySource } from './keys.ts';
import { findLike } from './likeness.ts';
import { mediaType } from './media-type.ts';
import type { ProfileName } from './profiles.ts';
import { wit } from './wit-carriers.ts';

/** An issuer of the configuration. There are no others: an unknown `iss` never causes a fetch. */
export interface Issuer {
  readonly name: string;
  /** Compared with `iss` character by character. Undefined if another property names this issuer. */
  readonly iss: string | undefined;
  readonly audiences: readonly string[];
  readonly profile: ProfileName;
  readonly algorithms: ReadonlySet<AlgorithmName>;
  /** Milliseconds. */
  readonly clockSkew: number;
  /** Verifies signatures here. Undefined if only the authority can tell. */
  readonly keys: KeySource | undefined;
  /** Asked about each token; if there are keys, only after the signature was verified. */
  readonly authority: TokenAuthority | undefined;
  /** The trust domain of the workloads that its ServiceAccounts, JWT-SVIDs and WITs name. */
  readonly trustDomain: string | undefined;
  /** It never gives two client assertions the same `jti`. Each is then accepted once. */
  readonly singleUse?: boolean;
  readonly allowInsecureNoExpiry: boolean;
  readonly allowInsecureNoAudience: boolean;
}

/** Whether a rule accepts tokens of this issuer: it names the issuer, or it names none at all. */
export function acceptsIssuer(accepted: readonly string[], issuer: string): boolean {
  return accepted.length === 0 || accepted.includes(issuer);
}

/** Finds the issuer that a token claims to be from. Nothing is verified yet: that issuer has to prove it. */
export class Issuers {
  readonly #named = new Map<string, Issuer>();
  readonly #byIss = new Map<string, Issuer>();
  readonly #byTrustDomain = new Map<string, Issuer>();
  readonly #ofWits = new Map<string, Issuer>();
  readonly #opaque: Issuer[] = [];

  constructor(issuers: readonly Issuer[]) {
    for (const issuer of issuers) {
      this.#named.set(issuer.name, issuer);
      if (issuer.profile === 'wit') {
        if (issuer.trustDomain) this.#ofWits.set(issuer.trustDomain, issuer);
        continue;
      }
      if (issuer.iss !== undefined) this.#byIss.set(issuer.iss, issuer);
      if (issuer.profile === 'jwt-svid' && issuer.trustDomain)
        this.#byTrustDomain.set(issuer.trustDomain, issuer);
      if (!issuer.keys && issuer.profile !== 'service-account') this.#opaque.push(issuer);
    }
  }

  named(name: string): Issuer | undefined {
    return this.#named.get(name);
  }

  all(): readonly Issuer[] {
    return [...this.#named.values()];
  }

  /**
   * By `iss`; for a JWT-SVID without `iss` (JWT-SVID §3 allows that) by the trust domain of `sub`. A WIT always
   * by the trust domain, because its `iss` must not choose the keys (draft-ietf-wimse-workload-creds-02 §2). If
   * an `iss` is configured for it, a WIT cannot have another one.
   */
  forJwt({ header, payload: { iss, sub } }: UnverifiedJws): Issuer | undefined {
    if (isWit(header)) {
      const issuer = this.#ofTrustDomain(sub, this.#ofWits);
      return issuer?.iss === undefined || iss === undefined || iss === issuer.iss ? issuer : undefined;
    }
    if (iss === undefined) return this.#ofTrustDomain(sub, this.#byTrustDomain);
    return typeof iss === 'string' ? this.#byIss.get(iss) : undefined;
  }

  #ofTrustDomain(sub: unknown, issuers: ReadonlyMap<string, Issuer>): Issuer | undefined {
    const id = typeof sub === 'string' ? parseSpiffeId(sub) : undefined;
    return id === undefined || id instanceof Malformed ? undefined : issuers.get(id.trustDomain);
  }

  /** For the log: the issuer that an unknown `iss` may mean, else what is configured. */
  describeLike({ header, payload: { iss } }: UnverifiedJws): string {
    if (isWit(header))
      return `a WIT needs an issuer with accept: wit for the trust domain of its sub, which may be: ${this.#listOfWits()}`;
    const like = typeof iss === 'string' ? findLike(iss, this.#byIss.keys()) : undefined;
    const issuer = like && this.#byIss.get(like.name);
    if (issuer) return `it differs only ${like.difference} from the issuer ${issuer.name} (${like.name})`;
    return `configured are: ${listed([...this.#byIss.keys()])}`;
  }

  #listOfWits(): string {
    return listed([...this.#ofWits.keys()]) || 'none';
  }

  /**
   * The issuer of a token that is not a JWT: the only introspection issuer that the rule accepts. A token is
   * never tried at several issuers, because each would see it. The configuration allows at most one.
   */
  forOpaqueToken(accepted: readonly string[]): Issuer | Denial {
    const possible = this.#opaque.filter(({ name }) => acceptsIssuer(accepted, name));
    const [issuer] = possible;
    if (possible.length === 1 && issuer) return issuer;
    return new Denial(
      'token_malformed',
      'not a JWT, and the rule does not accept exactly one issuer of opaque tokens',
    );
  }
}

function isWit({ typ }: UnverifiedJws['header']): boolean {
  return typeof typ === 'string' && mediaType(typ) === wit.type;
}
