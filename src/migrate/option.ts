/** The result of the migration for an option. */
export type Fate = 'kept' | 'replaced' | 'not needed' | 'not supported';

export type OptionType = 'bool' | 'string' | 'list' | 'duration' | 'number';

/** One option of oauth2-proxy 7.15. */
export interface Option {
  readonly type: OptionType;
  /**
   * Its names in the configuration file and, in capitals, in the environment. Empty for an option that is
   * only a flag.
   */
  readonly keys: readonly string[];
  /** The usual result. Another setting can change it; the report then has its own entry. */
  readonly fate: Fate;
  /** The new setting, or why there is none. */
  readonly why: string;
  /** The value of a bool that has no effect. */
  readonly idle: boolean;
}

/** A row of a table: the option without its name. */
export type Row = Omit<Option, 'keys'> & { readonly keys?: readonly string[] };

/** Makes a row with this result. `key`: the name in the file, if it differs from the flag. */
type MakeRow = (type: OptionType, key?: string) => Row;

function withFate(kind: Fate) {
  return (why: string): MakeRow =>
    (type, key) => ({ type, fate: kind, why, idle: false, ...(key !== undefined && { keys: [key] }) });
}

export const kept = withFate('kept');
export const replaced = withFate('replaced');
export const notNeeded = withFate('not needed');
export const notSupported = withFate('not supported');

/** Rows of options with the same result, by their type. The names are separated by white space. */
export function rows(make: MakeRow, names: Partial<Record<OptionType, string>>): Record<string, Row> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([type, list]) =>
      list.split(/\s+/).map((name) => [name, make(type as OptionType)]),
    ),
  );
}
