/** What becomes of an option. */
export type Fate = 'kept' | 'replaced' | 'not needed' | 'not supported';

/** How a value is written. */
export type OptionType = 'bool' | 'string' | 'list' | 'duration' | 'number';

/** One option of oauth2-proxy 7.15. */
export interface Option {
  readonly type: OptionType;
  /** Its names in the configuration file, and in capitals in the environment; none: a flag alone. */
  readonly keys: readonly string[];
  /** What becomes of it as a rule; a setting beside it can change that, and then says so in its place. */
  readonly fate: Fate;
  /** Where it went, or why it went nowhere. */
  readonly why: string;
  /** The value of a bool at which it asks for nothing. */
  readonly idle: boolean;
}

/** A row of a table: the option without its name. */
export type Row = Omit<Option, 'keys'> & { readonly keys?: readonly string[] };

/** Makes rows that share what becomes of them; `key` is for names that do not follow from the flag's. */
export function fate(kind: Fate, why: string) {
  return (type: OptionType, { key, idle = false }: { key?: string; idle?: boolean } = {}): Row => ({
    type,
    fate: kind,
    why,
    idle,
    ...(key !== undefined && { keys: [key] }),
  });
}
