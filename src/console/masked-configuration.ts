import { stringify } from 'yaml';
import { readPlainData } from '../config/document.ts';
import { masked } from '../explain/mask.ts';
import { isRecord } from '../lib/json.ts';

/** Characters. The rest of a longer configuration is left out. */
const longest = 524_288;

/** A configuration as the console shows it. */
export interface MaskedConfiguration {
  readonly yaml: string;
  /** Characters that are left out at the end. */
  readonly left: number;
}

/**
 * The settings of a configuration, without comments, in which secrets could be. Files are named, and their
 * contents are not here. The values of private keys, tokens, and passwords and queries of URLs are masked.
 */
export function maskedConfiguration(text: string, file: string): MaskedConfiguration {
  const yaml = stringify(withoutSecrets(readPlainData(text, file)), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  return { yaml: yaml.slice(0, longest), left: Math.max(0, yaml.length - longest) };
}

/** The members of a JWK that only its owner may know (RFC 7518 §6). */
const privateMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecretText(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isRecord(value)) return value;
  const isKey = typeof value.kty === 'string';
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      isKey && privateMembers.has(name) ? masked(JSON.stringify(member)) : withoutSecrets(member),
    ]),
  );
}

function withoutSecretText(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) || /^eyJ[\w-]+\.[\w-]+\./.test(text))
    return masked(text);
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1…@')
    .replace(/^([a-z]+:\/\/[^?#]*)\?.*/i, '$1?…');
}
