import type { ObjectName } from './types.ts';

/** What an expression reads: the names of claims and headers, or all of them where it computes the name. */
export interface Reads {
  readonly objects: ReadonlySet<string>;
  /** Fields of these objects, such as `token.subject`. */
  readonly fields: ReadonlySet<string>;
  readonly claims: ReadonlySet<string> | 'all';
  readonly headers: ReadonlySet<string> | 'all';
  /** Texts that `token.issuer` is compared with. */
  readonly issuers: ReadonlySet<string>;
}

/** Collects what an expression reads. */
export class ReadNames {
  readonly #objects = new Set<string>();
  readonly #fields = new Set<string>();
  readonly #issuers = new Set<string>();
  #claims: Set<string> | 'all' = new Set<string>();
  #headers: Set<string> | 'all' = new Set<string>();

  addField(object: ObjectName, name: string): void {
    this.#objects.add(object);
    this.#fields.add(`${object}.${name}`);
  }

  addIssuer(text: string): void {
    this.#issuers.add(text);
  }

  addClaim(name: string): void {
    this.#objects.add('claims');
    if (this.#claims !== 'all') this.#claims.add(name);
  }

  addAllClaims(): void {
    this.#objects.add('claims');
    this.#claims = 'all';
  }

  addHeader(name: string): void {
    this.#objects.add('request');
    if (this.#headers !== 'all') this.#headers.add(name);
  }

  addAllHeaders(): void {
    this.#objects.add('request');
    this.#headers = 'all';
  }

  result(): Reads {
    return {
      objects: this.#objects,
      fields: this.#fields,
      claims: this.#claims,
      headers: this.#headers,
      issuers: this.#issuers,
    };
  }
}
