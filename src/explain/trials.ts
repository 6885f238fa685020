import type { LoadedConfig } from '../config/load.ts';
import type { Policy } from '../core/authorize.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';

/** What became of a check with one configuration. */
export interface Tried {
  readonly loaded: LoadedConfig;
  readonly policy: Policy;
  readonly evidence: Evidence;
  /** Of the service's own check. */
  readonly decision: Decision;
  /** What was believed and not verified, one sentence each. */
  readonly unverified: readonly string[];
}

/** Brings the same check before a configuration. */
export interface Trials {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** @throws ConfigError if the text is not a configuration */
  try(text: string): Promise<Tried>;
}
