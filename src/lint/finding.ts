import type { LoadedConfig } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import type { RuleConfig } from '../config/schema.ts';
import type { Rule } from '../core/policy/rule.ts';

/** An error keeps a configuration from being used, a warning is a likely mistake, a note is worth a thought. */
export type Severity = 'error' | 'warning' | 'note';

/** Something that `validate` says about a configuration. */
export interface Finding extends Problem {
  /** The name of the check, as in `src/lint/checks.ts`. */
  readonly check: string;
  readonly severity: Severity;
}

/** A rule as a check meets it, with its place in the configuration. */
export interface PlacedRule {
  readonly rule: Rule;
  /** As it was written. */
  readonly written: RuleConfig;
  /** Begins with `teams` and the place of the team, if it stands in the text of a team. */
  readonly path: readonly PropertyKey[];
  /** The entry of `workloads` that it belongs to. */
  readonly owner: string | undefined;
}

/** What a check looks at. */
export interface Subject extends Pick<LoadedConfig, 'config' | 'weaknesses'> {
  /** In the order in which they are tried. */
  readonly rules: readonly PlacedRule[];
}

/** What a check found. */
export interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** If it differs from that of the check. */
  readonly severity?: Severity;
}
