import { expectedIss } from '../config/cluster.ts';
import type { IssuerConfig } from '../config/issuer-schema.ts';
import type { AlgorithmName } from '../core/token/algorithms.ts';
import type { TokenAuthority } from '../core/token/authority.ts';
import { readIntrospection } from '../core/token/introspection.ts';
import type { Issuer } from '../core/token/issuers.ts';
import type { VerificationKey } from '../core/token/keys.ts';
import { readTokenReview } from '../core/token/token-review.ts';
import type { JsonObject } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { issuerOf } from '../serve/running-issuers.ts';
import { FixedKeys } from '../sources/local-keys.ts';
import { completeClaims, tokenType } from './claims.ts';
import { cheapest, keyPair, signToken } from './trial-keys.ts';

/** A configured issuer with keys of the trial's own: nothing is fetched, and nobody is asked. */
export interface TrialIssuer {
  readonly issuer: Issuer;
  /** A token that the issuer could have issued, see `completeClaims`. `header` replaces members of its header. */
  mint(claims: JsonObject, header?: JsonObject): Promise<string>;
  /** A token with exactly these claims, of the type `typ`. */
  seal(claims: JsonObject, typ: unknown): Promise<string>;
}

/** `iss` of a cluster whose issuer is read from a file that is not here. */
export const defaultCluster = 'https://kubernetes.default.svc.cluster.local';

/**
 * Creates an issuer for trials: everything is as configured, but its keys, its API server or its introspection
 * endpoint are ours. They accept exactly the tokens that were minted here.
 * @param now milliseconds since the epoch
 */
export function createTrialIssuer(
  name: string,
  config: IssuerConfig,
  files: ReadonlyMap<string, string>,
  now: number,
): TrialIssuer {
  const minted = new Map<string, JsonObject>();
  const asksOnly = config.introspection !== undefined || config.kubernetes?.verify === 'tokenReview';
  const asks =
    config.introspection !== undefined || (config.kubernetes && config.kubernetes.verify !== 'jwks');
  const usual = cheapest(config.algorithms);
  const keys = [keyFor(usual)];
  const iss = expectedIss(config, files) ?? (config.kubernetes && defaultCluster);
  const issuer = issuerOf(name, config, iss, {
    keys: asksOnly ? undefined : new FixedKeys(keys, now),
    authority: asks ? createAuthority(config, minted) : undefined,
  });
  /** The issuer has a key for each of its algorithms, made when a token first needs it. */
  const algorithmFor = ({ alg }: JsonObject): AlgorithmName => {
    const wanted = config.algorithms.find((one) => one === alg) ?? usual;
    if (!keys.some(({ algorithms: fit }) => fit.has(wanted))) keys.push(keyFor(wanted));
    return wanted;
  };
  const issue = async (claims: JsonObject, header: JsonObject) => {
    const token = config.introspection
      ? `trial-${minted.size + 1}`
      : signToken(claims, { kid: 'trial', ...header }, algorithmFor(header));
    minted.set(token, claims);
    return token;
  };
  return {
    issuer,
    mint: (given, header) => issue(completeClaims(issuer, given, now), { typ: tokenType(issuer), ...header }),
    seal: (claims, typ) => issue(claims, { typ }),
  };
}

function keyFor(alg: AlgorithmName): VerificationKey {
  return { kid: 'trial', algorithms: new Set([alg]), key: keyPair(alg).publicKey };
}

/** Answers as the real one would, and its answers are read by the same functions. */
function createAuthority(config: IssuerConfig, minted: ReadonlyMap<string, JsonObject>): TokenAuthority {
  return {
    async ask(token) {
      const claims = minted.get(token);
      const said = config.introspection
        ? readIntrospection({ active: claims !== undefined, ...claims }, config.issuer)
        : readTokenReview(tokenReview(claims), config.audiences);
      if (said instanceof Malformed) throw new TypeError(said.why);
      return said;
    },
  };
}

function tokenReview(claims: JsonObject | undefined): JsonObject {
  const { sub: username, aud } = claims ?? {};
  const audiences = Array.isArray(aud) ? aud : [aud];
  return {
    kind: 'TokenReview',
    status: { authenticated: claims !== undefined, audiences, user: { username } },
  };
}
