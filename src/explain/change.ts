import { parse } from 'yaml';
import type { Amendment, SettingPath } from '../config/amend.ts';
import type { Config, RuleConfig } from '../config/schema.ts';
import type { Tried } from './trials.ts';

/** A change of the configuration that may let a request pass. Only a trial shows whether it does. */
export interface Change {
  readonly amendments: readonly Amendment[];
  /** What it does, after "This change …". */
  readonly what: string;
  /** What else would pass, after "It would also allow …". */
  readonly also: string;
}

/** Makes changes for a refusal, the narrowest first. */
export type Propose = (tried: Tried) => readonly Change[];

/** Puts an entry at the end of a list. */
export function append(path: SettingPath, value: unknown): Amendment {
  return { kind: 'insert', path, index: Number.MAX_SAFE_INTEGER, value };
}

/**
 * Where a rule is written, by its name in the log. For a rule of a team, the place begins with `teams`, and
 * stands for one in the file of the team.
 */
export function placeOf(
  { rules, workloads, teams = [], lastRules }: Config,
  name: string,
): SettingPath | undefined {
  const lists: readonly (readonly [path: SettingPath, owner: string, list: readonly RuleConfig[]])[] = [
    [['rules'], '', rules],
    ...Object.entries(workloads).map(
      ([owner, { rules: list }]) => [['workloads', owner, 'rules'], `${owner}/`, list] as const,
    ),
    ...teams.map(({ owner, rules: list }, at) => [['teams', at, 'rules'], `${owner}/`, list] as const),
    [['lastRules'], '', lastRules],
  ];
  for (const [path, owner, list] of lists) {
    const index = list.findIndex((rule) => `${owner}${rule.name}` === name);
    if (index >= 0) return [...path, index];
  }
  return undefined;
}

/** A value in the text of the configuration or of a team, by its place. */
export function writtenIn({ draft, loaded }: Pick<Tried, 'draft' | 'loaded'>, path: SettingPath): unknown {
  const [first, at, ...rest] = path;
  if (first !== 'teams') return writtenAt(draft.document.raw, path);
  return writtenAt(parse(loaded.teams[Number(at)]?.text ?? ''), rest);
}

/** A value of the configuration as it is written, without defaults. */
export function writtenAt(raw: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    raw,
  );
}
