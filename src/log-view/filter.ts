import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { parseGlob } from './glob.ts';
import { type Verdict, verdictOf } from './verdict.ts';

type Values = (line: DecisionLine) => readonly (string | undefined)[];

/** The values of a line that each kind of pattern is compared with. */
const kinds = {
  rule: (line) => [line.rule],
  spiffe: (line) => [line.spiffe_id],
  subject: (line) => [line.subject],
  issuer: (line) => [line.issuer],
  reason: (line) => [line.reason, line.would_deny],
  host: (line) => [line.host?.toLowerCase()],
  path: (line) => [line.path],
  id: (line) => [line.decision_id, line.request_id, line.trace_id],
} as const satisfies Record<string, Values>;

export type PatternKind = keyof typeof kinds;

export const patternKinds = Object.keys(kinds) as readonly PatternKind[];

export interface Wanted {
  /** Leaves out what was allowed, unless an enforcing rule would have denied it. */
  readonly deny?: boolean | undefined;
  /** Milliseconds since the epoch. Leaves out what is older, and what has no time. */
  readonly since?: number | undefined;
  /** Patterns of one kind are alternatives. Patterns of different kinds must all match. */
  readonly patterns: Readonly<Partial<Record<PatternKind, readonly string[] | undefined>>>;
}

/** Makes the test that each line must pass. */
export function createFilter({ deny, since, patterns }: Wanted): (line: DecisionLine) => boolean {
  const tests = patternKinds.flatMap((kind) => testOf(kind, patterns[kind]) ?? []);
  return (line) => {
    if (deny && passed.has(verdictOf(line))) return false;
    if (since !== undefined && !(Date.parse(line.time ?? '') >= since)) return false;
    return tests.every((passes) => passes(line));
  };
}

/** What nobody has to look into. */
const passed: ReadonlySet<Verdict> = new Set(['allow', 'answer']);

function testOf(kind: PatternKind, patterns: readonly string[] | undefined) {
  if (!patterns) return undefined;
  const globs = patterns.map((pattern) => parseGlob(kind === 'host' ? pattern.toLowerCase() : pattern));
  const values: Values = kinds[kind];
  return (line: DecisionLine): boolean =>
    values(line).some((value) => value !== undefined && globs.some((matches) => matches(value)));
}
