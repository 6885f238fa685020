import { Malformed } from '../lib/malformed.ts';
import { limitEntries } from './most-entries.ts';
import { options } from './options.ts';
import type { Given } from './settings.ts';
import { unknownName } from './shown.ts';
import { type OptionValue, valueOfFlag } from './value.ts';

/**
 * Reads flags as oauth2-proxy does: `--name=value`, `--name value`, and `--name` for a bool. Repeated lists
 * are joined; for other types the last value is used. Also reads `-name`, as versions before 7 did. An
 * unknown argument is an error here, while oauth2-proxy ignores some of them. Errors name options and
 * positions and never values, which may be secrets.
 */
export function readFlags(given: readonly string[], fail: (what: string) => void): Given {
  const args = limitEntries(given, 'the flags', fail);
  const values = new Map<string, OptionValue>();
  const repeated = new Set<string>();
  let ended = false;
  let bool: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--' && !ended) {
      ended = true;
      continue;
    }
    const [, name, written] = ended ? [] : (/^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? []);
    if (name === undefined) {
      fail(
        bool === undefined
          ? `argument ${at + 1} is not an option: oauth2-proxy ignores it, so remove it`
          : `argument ${at + 1} is not an option: oauth2-proxy reads --${bool} as true and ignores what follows; write --${bool}=false or --${bool}=true`,
      );
      continue;
    }
    bool = undefined;
    const option = options.get(name);
    if (!option) {
      fail(unknownName(name, options.keys(), 'an option', '--'));
      continue;
    }
    let text = written;
    if (text === undefined && option.type === 'bool') {
      text = 'true';
      bool = name;
    }
    text ??= args[++at];
    const value = text === undefined ? new Malformed('needs a value') : valueOfFlag(option.type, text);
    if (value instanceof Malformed) {
      fail(`--${name}: ${value.why}`);
      continue;
    }
    const before = values.get(name);
    if (before !== undefined && option.type !== 'list') repeated.add(name);
    values.set(name, Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value);
  }
  return { values, repeated };
}
