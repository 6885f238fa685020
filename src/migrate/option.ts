/** The result of the migration for an option. */
export type Fate = 'kept' | 'replaced' | 'not needed' | 'not supported';

/** The type of a value. */
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

/** Makes rows with the same result. `key` is for a name in the file that differs from the flag. */
function fate(kind: Fate, why: string) {
  return (type: OptionType, { key, idle = false }: { key?: string; idle?: boolean } = {}): Row => ({
    type,
    fate: kind,
    why,
    idle,
    ...(key !== undefined && { keys: [key] }),
  });
}

export const kept = (why: string) => fate('kept', why);
export const replaced = (why: string) => fate('replaced', why);
export const notNeeded = (why: string) => fate('not needed', why);
export const notSupported = (why: string) => fate('not supported', why);
