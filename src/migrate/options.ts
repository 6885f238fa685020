import type { Option, OptionType, Row } from './option.ts';
import { access } from './options/access.ts';
import { door } from './options/door.ts';
import { identity } from './options/identity.ts';
import { issuer } from './options/issuer.ts';
import { sessions } from './options/session.ts';

const all: Readonly<Record<string, Row>> = { ...access, ...issuer, ...door, ...identity, ...sessions };

/** All options of oauth2-proxy 7.15, by the name of the flag. Other options are errors. */
export const options: ReadonlyMap<string, Option> = new Map(
  Object.entries(all).map(([name, row]) => [name, { ...row, keys: row.keys ?? [name.replaceAll('-', '_')] }]),
);

/**
 * Whether the result never depends on an option. Its value may then be a secret that is not readable here.
 */
export function mayBeUnseen(name: string): boolean {
  const ofLogin = Object.hasOwn(issuer, name) || Object.hasOwn(sessions, name);
  return name === 'basic-auth-password' || (ofLogin && options.get(name)?.fate === 'not needed');
}

/** The name of the flag, by the name in the configuration file in lower case. */
export const namesByKey: ReadonlyMap<string, string> = new Map(
  [...options].flatMap(([name, { keys }]) => keys.map((key) => [key, name] as const)),
);

export function optionType(name: string): OptionType {
  const option = options.get(name);
  if (!option) throw new TypeError(`--${name} is not an option`);
  return option.type;
}
