import { parse, TomlError } from 'smol-toml';
import { Malformed } from '../lib/malformed.ts';
import { nearest } from './nearest.ts';
import { namesByKey, typeOf } from './options.ts';
import type { Given } from './settings.ts';
import { shown } from './shown.ts';
import { type OptionValue, valueOfKey } from './value.ts';

/**
 * Reads the configuration file of oauth2-proxy (TOML). Ignores the case of keys. For text that is not TOML,
 * the error only has the line, because the text may be a secret.
 */
export function readFile(text: string, file: string, fail: (what: string) => void): Given {
  const values = new Map<string, OptionValue>();
  for (const [written, raw] of Object.entries(tableOf(text, file, fail))) {
    const key = written.toLowerCase();
    const name = namesByKey.get(key);
    if (name === undefined) {
      fail(
        `${file}: ${shown(key, namesByKey.keys())} is not an option of oauth2-proxy 7.15; the nearest is ${nearest(key, namesByKey.keys())}`,
      );
      continue;
    }
    const value = values.has(name)
      ? new Malformed('sets the same option as another key: remove one of them')
      : valueOfKey(typeOf(name), raw);
    if (value instanceof Malformed) fail(`${file}: ${written} ${value.why}`);
    else values.set(name, value);
  }
  return { values };
}

function tableOf(text: string, file: string, fail: (what: string) => void): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    fail(`${file}${error instanceof TomlError ? `:${error.line}` : ''}: is not TOML`);
    return {};
  }
}
