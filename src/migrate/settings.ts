import type { Option } from './option.ts';
import { options } from './options.ts';
import type { OptionValue } from './value.ts';

/** Where a value comes from, in the order in which they count. */
export const sources = ['command line', 'environment', 'configuration file'] as const;
type Source = (typeof sources)[number];

/** What one source says, by the name of the flag. */
export interface Given {
  readonly values: ReadonlyMap<string, OptionValue>;
  /** Options that it has more than once, of which the last counts. */
  readonly repeated?: ReadonlySet<string>;
}

/** The options as oauth2-proxy would have them: the command line over the environment over the file. */
export class Settings {
  /** By the name of the flag; whatever was given, also where it asks for nothing. */
  readonly given: ReadonlyMap<string, OptionValue>;
  readonly #sources: Readonly<Partial<Record<Source, Given>>>;
  /** Options that are set to something that cannot be seen, such as the content of a Secret. */
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

  /** A text, or undefined where it is not given or empty. */
  text(name: string): string | undefined {
    const value = this.#valueOf(name, ['string', 'duration', 'number']);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** The entries of a list that are not empty: an empty one names nothing. */
  list(name: string): readonly string[] {
    return this.entries(name).filter((entry) => entry !== '');
  }

  /** All entries of a list, for options where an empty one means something. */
  entries(name: string): readonly string[] {
    const value = this.#valueOf(name, ['list']);
    return Array.isArray(value) ? value : [];
  }

  /** Whether a list is given that has entries and yet names nothing. */
  isBlank(name: string): boolean {
    return this.entries(name).length > 0 && this.list(name).length === 0;
  }

  /** A bool, or what oauth2-proxy takes where it is not given. */
  on(name: string): boolean {
    const value = this.#valueOf(name, ['bool']);
    return typeof value === 'boolean' ? value : (options.get(name)?.idle ?? false);
  }

  /** Whether the option is given and asks for something. */
  asks(name: string): boolean {
    if (!this.given.has(name)) return false;
    const option = options.get(name);
    if (option?.type === 'bool') return this.on(name) !== option.idle;
    return (
      this.hidden.has(name) ||
      (option?.type === 'list' ? this.list(name).length > 0 : this.text(name) !== undefined)
    );
  }

  /** What else is to be said about where a value comes from. */
  remark(name: string): string {
    const [first, ...others] = sources.filter((source) => this.#sources[source]?.values.has(name));
    const twice = first && this.#sources[first]?.repeated?.has(name);
    return [
      twice ? '; given more than once: the last counts' : '',
      others.length > 0 ? `; also in the ${others.join(' and the ')}, which does not count` : '',
    ].join('');
  }

  /** What cannot be seen stands in the environment: only the command line comes before it. */
  #sees(name: string, given: Readonly<Partial<Record<Source, Given>>>): boolean {
    return given['command line']?.values.has(name) === true || given.environment?.values.has(name) === true;
  }

  #valueOf(name: string, types: readonly Option['type'][]): OptionValue | undefined {
    const option = options.get(name);
    if (!option || !types.includes(option.type)) throw new TypeError(`--${name} is no ${types.join(', ')}`);
    return this.hidden.has(name) ? undefined : this.given.get(name);
  }
}
