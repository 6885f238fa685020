import { holdsPrivateKey, parseJwks, parsePemKey, type ReadKeys } from '../core/token/keys.ts';
import type { ProfileName } from '../core/token/profiles.ts';
import { wit } from '../core/token/wit-carriers.ts';
import { parseJson } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Files } from '../sources/fingerprint.ts';
import { type IssuerConfig, tokenProfile } from './issuer-schema.ts';

/** Why the keys that the configuration holds or names cannot be used. Undefined if they can. */
export function unusableKeys(config: IssuerConfig, files: Files): Malformed | undefined {
  const file = config.keys ?? (typeof config.jwks === 'string' ? config.jwks : undefined);
  if (file !== undefined && !files.has(file)) return undefined; // reported already
  const document = typeof config.jwks === 'string' ? parseJson(files.get(config.jwks) ?? '') : config.jwks;
  if (holdsPrivateKey(document))
    return new Malformed(
      'holds a private key ("d"), which only the issuer may have: use the public set of the issuer, without "d"',
    );
  const keys =
    file !== undefined
      ? keysInFile(config, files.get(file) ?? '')
      : config.jwks === undefined
        ? undefined
        : usableKeys(parseJwks(config.jwks, acceptedUses(config)));
  return keys instanceof Malformed ? keys : undefined;
}

/** The keys in the text of a file: a key in PEM for the setting `keys`, a JWK Set for `jwks`. */
export function keysInFile(config: IssuerConfig, text: string): ReadKeys {
  if (config.keys === undefined) return usableKeys(parseJwks(parseJson(text), acceptedUses(config)));
  const key = parsePemKey(text);
  return key instanceof Malformed ? key : [key];
}

/** The accepted values of `use` of a key. SPIRE writes that of the kind of SVID, or leaves `use` out. */
export function acceptedUses(config: IssuerConfig): readonly string[] {
  const own = ownUses[tokenProfile(config)];
  return own === undefined ? ['sig'] : ['sig', own];
}

/** What a SPIFFE bundle calls the keys of its tokens. */
const ownUses: Partial<Record<ProfileName, string>> = { 'jwt-svid': 'jwt-svid', wit: wit.keyUse };

/** A set is malformed if none of its keys can verify signatures. */
export function usableKeys(keys: ReadKeys): ReadKeys {
  return !(keys instanceof Malformed) && keys.length === 0
    ? new Malformed('does not hold a key that can verify signatures')
    : keys;
}
