/** A text that occurs exactly once in a file, and its replacement. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One deliberate weakening of the source. */
export interface Mutation extends Edit {
  readonly name: string;
  /** A second change, if the first alone would weaken nothing. */
  readonly and?: Edit;
  /** Further tests, for effects that no input can cause. */
  readonly also?: readonly string[];
}
