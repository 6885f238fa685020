import type { Option, OptionType, Row } from './option.ts';
import { access } from './options/access.ts';
import { door } from './options/door.ts';
import { identity } from './options/identity.ts';
import { issuer } from './options/issuer.ts';
import { sessions } from './options/session.ts';

const rows: Readonly<Record<string, Row>> = { ...access, ...issuer, ...door, ...identity, ...sessions };

/** Every option of oauth2-proxy 7.15 by the name of its flag. What is not here is an error. */
export const options: ReadonlyMap<string, Option> = new Map(
  Object.entries(rows).map(([name, row]) => [
    name,
    { ...row, keys: row.keys ?? [name.replaceAll('-', '_')] },
  ]),
);

/** Whether nothing here depends on an option, so that its value may be a secret that nobody sees. */
export function mayBeUnseen(name: string): boolean {
  const ofLogin = Object.hasOwn(issuer, name) || Object.hasOwn(sessions, name);
  return name === 'basic-auth-password' || (ofLogin && options.get(name)?.fate === 'not needed');
}

/** The name of the flag, by the name in the configuration file; these do without case. */
export const namesByKey: ReadonlyMap<string, string> = new Map(
  [...options].flatMap(([name, { keys }]) => keys.map((key) => [key, name] as const)),
);

/** How the value of a known option is written. */
export function typeOf(name: string): OptionType {
  const option = options.get(name);
  if (!option) throw new TypeError(`--${name} is no option`);
  return option.type;
}
