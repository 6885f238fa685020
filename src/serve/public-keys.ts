import type { VerificationKey } from '../core/token/keys.ts';
import type { RunningIssuer } from './running-issuers.ts';

/**
 * The public keys that are here now, by the name of the issuer: the text of a JWK Set. Issuers without keys
 * are left out, and those with a key in PEM, which the configuration has.
 */
export function publicKeys(issuers: readonly RunningIssuer[], now: number): Readonly<Record<string, string>> {
  const sets = issuers.map(({ issuer, source }) => [issuer.name, keysOf(source.keys?.source, now)] as const);
  return Object.fromEntries(
    sets
      .filter(([, keys]) => keys.length > 0 && !keys.some(({ fitsEveryKid }) => fitsEveryKid))
      .map(([name, keys]) => [name, JSON.stringify({ keys: keys.map(jwkOf) })]),
  );
}

function keysOf(
  source: NonNullable<RunningIssuer['source']['keys']>['source'] | undefined,
  now: number,
): readonly VerificationKey[] {
  try {
    return source?.current(now).keys ?? [];
  } catch {
    // They were never fetched, or are too old.
    return [];
  }
}

function jwkOf({ key, kid, algorithms }: VerificationKey): object {
  const [alg, ...others] = algorithms;
  return {
    ...key.export({ format: 'jwk' }),
    ...(kid !== undefined && { kid }),
    ...(alg !== undefined && others.length === 0 && { alg }),
  };
}
