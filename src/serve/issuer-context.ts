import type { Bulkheads } from '../sources/bulkhead.ts';

/** What the sources of an issuer need from outside. */
export interface IssuerContext {
  /** What configured files held when the configuration was loaded, by their path as written. */
  readonly files: ReadonlyMap<string, string>;
  /** Where a file that may change is found: a path as written, from where the configuration is. */
  readonly resolve: (path: string) => string;
  readonly clock: () => number;
  readonly bulkheads: Bulkheads;
  readonly report: (issuer: string, failure: string | undefined) => void;
}
