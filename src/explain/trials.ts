import type { ConfigDraft } from '../config/draft.ts';
import type { CheckedConfig } from '../config/load.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Policy } from '../core/judgement.ts';

/** What became of a check with one configuration. */
export interface Judged {
  readonly loaded: CheckedConfig;
  readonly policy: Policy;
  readonly evidence: Evidence;
  /** Of the service's own check. */
  readonly decision: Decision;
  /** What was believed and not verified, one sentence each. */
  readonly unverified: readonly string[];
}

/** The same, with the configuration as it can be changed further. */
export interface Tried extends Judged {
  readonly draft: ConfigDraft;
}

/** Brings the same check before a configuration. */
export interface Trials {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** @throws ConfigError if the draft is not a valid configuration */
  try(draft: ConfigDraft): Promise<Tried>;
}
