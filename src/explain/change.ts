import type { Amendment, SettingPath } from '../config/amend.ts';
import type { Config } from '../config/schema.ts';
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

/** Where a rule is written, by its name in the log. */
export function placeOf({ rules, workloads }: Config, name: string): SettingPath | undefined {
  const index = rules.findIndex((rule) => rule.name === name);
  if (index >= 0) return ['rules', index];
  for (const [owner, { rules: list }] of Object.entries(workloads)) {
    const inner = list.findIndex((rule) => `${owner}/${rule.name}` === name);
    if (inner >= 0) return ['workloads', owner, 'rules', inner];
  }
  return undefined;
}

/** A value of the configuration as it is written, without defaults. */
export function writtenAt(raw: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    raw,
  );
}
