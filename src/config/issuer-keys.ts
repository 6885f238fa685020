import { holdsPrivateKey, parseJwks, parsePemKey, type VerificationKey } from '../core/token/keys.ts';
import { parseJson } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { type IssuerConfig, profileOf } from './issuer-schema.ts';

/** What is wrong with the keys that the configuration itself holds or names, if anything. */
export function unusableKeys(
  config: IssuerConfig,
  files: ReadonlyMap<string, string>,
): Malformed | undefined {
  const file = config.keys ?? (typeof config.jwks === 'string' ? config.jwks : undefined);
  if (file !== undefined && !files.has(file)) return undefined; // said already
  const document = typeof config.jwks === 'string' ? parseJson(files.get(config.jwks) ?? '') : config.jwks;
  if (holdsPrivateKey(document))
    return new Malformed(
      'a private key ("d"), which only its issuer may have: right would be the set that the issuer publishes, without "d"',
    );
  const keys =
    file !== undefined
      ? keysInFile(config, files.get(file) ?? '')
      : config.jwks === undefined
        ? undefined
        : usableKeys(parseJwks(config.jwks, usesOf(config)));
  return keys instanceof Malformed ? keys : undefined;
}

/** The keys in the text of a file: one in PEM, or a JWK Set, as the setting that names it says. */
export function keysInFile(config: IssuerConfig, text: string): readonly VerificationKey[] | Malformed {
  if (config.keys === undefined) return usableKeys(parseJwks(parseJson(text), usesOf(config)));
  const key = parsePemKey(text);
  return key instanceof Malformed ? key : [key];
}

/** What `use` of a key may say. SPIRE marks its keys `jwt-svid`, or not at all. */
export function usesOf(config: IssuerConfig): readonly string[] {
  return profileOf(config) === 'jwt-svid' ? ['sig', 'jwt-svid'] : ['sig'];
}

/** A set without a key that verifies signatures is malformed. */
export function usableKeys(
  keys: readonly VerificationKey[] | Malformed,
): readonly VerificationKey[] | Malformed {
  return !(keys instanceof Malformed) && keys.length === 0
    ? new Malformed('no key in it can verify signatures')
    : keys;
}
