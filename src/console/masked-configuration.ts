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

/**
 * A change of a configuration in the form of `diff`, in which comments and secrets could be. A text that holds
 * ` #` loses its end too.
 */
export function maskedDiff(diff: string): string {
  const lines = diff.split('\n').map((line) => line.replace(/(^[ +-]|\s)#.*/, '$1# …'));
  return withoutSecretText(lines.join('\n'));
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

/** In a text that is no URL, such as a condition, a secret can stand anywhere. */
function withoutSecretText(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return masked(text);
  return text
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, masked)
    .replace(/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#'"]*@/gi, '$1…@')
    .replace(/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?#'"]*)\?[^\s'"]*/gi, '$1?…');
}
