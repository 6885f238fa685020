import type { Option } from './option.ts';
import { options } from './options.ts';
import type { OptionValue } from './value.ts';

/** The sources of values. An earlier source overrides a later one. */
export const sources = ['command line', 'environment', 'configuration file'] as const;
type Source = (typeof sources)[number];

/** The values of one source, by the name of the flag. */
export interface Given {
  readonly values: ReadonlyMap<string, OptionValue>;
  /** Options that the source has more than once. The last value is used. */
  readonly repeated?: ReadonlySet<string>;
}

/**
 * The options as oauth2-proxy reads them: the command line overrides the environment, which overrides the
 * file.
 */
export class Settings {
  /** All given options, by the name of the flag, including those without an effect. */
  readonly given: ReadonlyMap<string, OptionValue>;
  readonly #sources: Readonly<Partial<Record<Source, Given>>>;
  /** Options whose values are not readable here, such as the content of a Secret. */
  readonly hidden: ReadonlySet<string>;

  constructor(given: Readonly<Partial<Record<Source, Given>>>, hidden: ReadonlySet<string> = new Set()) {
    const merged = new Map<string, OptionValue>();
    for (const source of sources.toReversed())
      for (const [name, value] of given[source]?.values ?? []) merged.set(name, value);
    this.given = merged;
    this.hidden = new Set([...hidden].filter((name) => !this.#sees(name, given)));
    for (const name of this.hidden) merged.set(name, '');
    this.#sources = given;
  }

  /** A text. Undefined if it is not given, or empty. */
  text(name: string): string | undefined {
    const value = this.#value(name, ['string', 'duration', 'number']);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** The entries of a list, without empty ones. */
  list(name: string): readonly string[] {
    return this.entries(name).filter((entry) => entry !== '');
  }

  /** All entries of a list, for options where an empty entry has a meaning. */
  entries(name: string): readonly string[] {
    const value = this.#value(name, ['list']);
    return Array.isArray(value) ? value : [];
  }

  /** Whether a list has entries, but all of them are empty. */
  isBlank(name: string): boolean {
    return this.entries(name).length > 0 && this.list(name).length === 0;
  }

  /** A bool. If it is not given, the default of oauth2-proxy. */
  on(name: string): boolean {
    const value = this.#value(name, ['bool']);
    return typeof value === 'boolean' ? value : (options.get(name)?.idle ?? false);
  }

  /** Whether the option is given and has an effect. */
  asks(name: string): boolean {
    if (!this.given.has(name)) return false;
    const option = options.get(name);
    if (option?.type === 'bool') return this.on(name) !== option.idle;
    return (
      this.hidden.has(name) ||
      (option?.type === 'list' ? this.list(name).length > 0 : this.text(name) !== undefined)
    );
  }

  /** A remark about the sources of a value. Empty if there is nothing to say. */
  remark(name: string): string {
    const [first, ...others] = sources.filter((source) => this.#sources[source]?.values.has(name));
    const twice = first && this.#sources[first]?.repeated?.has(name);
    return [
      twice ? '; set more than once, and the last value is used' : '',
      others.length > 0 ? `; the value in the ${others.join(' and the ')} is ignored` : '',
    ].join('');
  }

  /** Whether a readable value overrides an unreadable one, which is always in the environment. */
  #sees(name: string, given: Readonly<Partial<Record<Source, Given>>>): boolean {
    return given['command line']?.values.has(name) === true || given.environment?.values.has(name) === true;
  }

  #value(name: string, types: readonly Option['type'][]): OptionValue | undefined {
    const option = options.get(name);
    if (!option || !types.includes(option.type))
      throw new TypeError(`--${name} is not of type ${types.join(', ')}`);
    return this.hidden.has(name) ? undefined : this.given.get(name);
  }
}
