/** The headers of the client that an allow removes. */
export interface Removal {
  readonly names: readonly string[];
  /** The names and every mixed spelling, joined with `,`. For a proxy that may not show us all headers. */
  readonly unseen: string;
}

/** More than there are sets of claims at ordinary issuers. */
const mostKept = 256;

/** Lists what to remove. The lists are shared by identities, because many identities lack the same claims. */
export class Removals {
  readonly #underscored: readonly string[];
  readonly #mixed: readonly string[];
  readonly #kept = new Map<string, Removal>();

  /** @param managed all managed headers */
  constructor(managed: Iterable<string>) {
    const names = [...managed].filter((name) => name.includes('-'));
    this.#underscored = names.map((name) => name.replaceAll('-', '_'));
    this.#mixed = names.flatMap(mixedSpellings);
  }

  /**
   * @param missing managed headers without a value
   * @param odd names in the request that could be taken for a managed header
   */
  of(missing: readonly string[], odd: readonly string[]): Removal {
    if (odd.length > 0) return this.#list(missing, odd);
    const key = missing.join();
    const known = this.#kept.get(key);
    if (known) return known;
    const removal = this.#list(missing, odd);
    if (this.#kept.size < mostKept) this.#kept.set(key, removal);
    return removal;
  }

  #list(missing: readonly string[], odd: readonly string[]): Removal {
    const names = new Set([...this.#underscored, ...odd, ...missing]);
    return { names: [...names], unseen: [...names, ...this.#mixed].join() };
  }
}

/** Names with more dashes are not spelled out, because there would be too many spellings. */
const mostDashes = 5;

/** `x-a_b` and `x_a-b` for `x-a-b`, without the name itself and the one with only `_`. */
function mixedSpellings(name: string): string[] {
  const parts = name.split('-');
  const dashes = parts.length - 1;
  if (dashes > mostDashes) return [];
  const all = 2 ** dashes - 1;
  return Array.from({ length: Math.max(0, all - 1) }, (_, index) =>
    parts.reduce((spelling, part, at) => spelling + (((index + 1) >> (at - 1)) & 1 ? '_' : '-') + part),
  );
}
