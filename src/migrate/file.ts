import { parse, TomlError } from 'smol-toml';
import { Malformed } from '../lib/malformed.ts';
import { limitEntries } from './most-entries.ts';
import { namesByKey, optionType } from './options.ts';
import type { Given } from './settings.ts';
import { unknownName } from './shown.ts';
import { type OptionValue, valueOfKey } from './value.ts';

/**
 * Reads the configuration file of oauth2-proxy (TOML). Ignores the case of keys. For text that is not TOML,
 * the error only has the line, because the text may be a secret.
 */
export function readFile(text: string, file: string, fail: (what: string) => void): Given {
  const values = new Map<string, OptionValue>();
  for (const [written, raw] of limitEntries(Object.entries(parseTable(text, file, fail)), file, fail)) {
    const key = written.toLowerCase();
    const name = namesByKey.get(key);
    if (name === undefined) {
      fail(`${file}: ${unknownName(key, namesByKey.keys(), 'an option')}`);
      continue;
    }
    const value = values.has(name)
      ? new Malformed('sets the same option as another key: remove one of them')
      : valueOfKey(optionType(name), raw);
    if (value instanceof Malformed) fail(`${file}: ${written} ${value.why}`);
    else values.set(name, value);
  }
  return { values };
}

function parseTable(text: string, file: string, fail: (what: string) => void): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    fail(`${file}${error instanceof TomlError ? `:${error.line}` : ''}: is not TOML`);
    return {};
  }
}
