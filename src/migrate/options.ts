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

/** The known name that needs the fewest changes to become this one. */
export function nearest(name: string, known: Iterable<string>): string {
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = distance(name.slice(0, 100), candidate);
    if (changes < least) [best, least] = [candidate, changes];
  }
  return best;
}

/** Levenshtein's: insertions, deletions and replacements. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, a] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, b] of [...to].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    row = next;
  }
  return row[to.length] ?? 0;
}
