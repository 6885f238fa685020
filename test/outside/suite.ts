/** What a suite and we say of one of its cases. */
export interface Judged {
  /** As the suite names it; where it does not, what it is about. */
  readonly id: string;
  readonly expected: Verdict;
  readonly found: Verdict;
}

export type Verdict = 'accept' | 'refuse';

/** Cases in which we deliberately say something else than the suite, for one reason. */
export interface Exception {
  /** What we say; the suite says the contrary. */
  readonly found: Verdict;
  readonly why: string;
  readonly ids: readonly string[];
}

/** A suite that was written elsewhere, what of it is judged by which code, and where we differ from it. */
export interface Suite {
  readonly name: string;
  /** Who wrote it, with its licence. */
  readonly source: string;
  /** Which code of ours is judged, and how. */
  readonly judged: string;
  /** One piece a line of the table. */
  judge(): Promise<readonly Part[]>;
  readonly exceptions: readonly Exception[];
}

export interface Part {
  readonly what: string;
  readonly cases: readonly Judged[];
  /** Cases that the suite leaves to the reader, by what we make of them. */
  readonly free?: { readonly accepted: number; readonly refused: number };
}

/** Where we and a suite differ, held against what is written down. Both lists are empty in a sound state. */
export interface Differences {
  /** Differences without a reason. */
  readonly unexplained: readonly string[];
  /** Reasons for a difference that is no longer there, or that was written down twice. */
  readonly outdated: readonly string[];
}

export function differences(parts: readonly Part[], exceptions: readonly Exception[]): Differences {
  const written = exceptions.flatMap(({ found, ids }) => ids.map((id) => `${id}: ${found}`));
  const left = new Set(written);
  const twice = written.filter((line, index) => written.indexOf(line) !== index);
  const unexplained: string[] = [];
  for (const { id, expected, found } of parts.flatMap(({ cases }) => cases))
    if (expected !== found && !left.delete(`${id}: ${found}`)) unexplained.push(`${id}: ${found}`);
  return { unexplained, outdated: [...left, ...twice] };
}
