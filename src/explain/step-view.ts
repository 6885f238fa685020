import type { Config } from '../config/schema.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Rule } from '../core/policy/rule.ts';
import type { Told } from './told.ts';

/** What the description of a step is made from. */
export interface StepView {
  readonly told: Told;
  readonly config: Config;
  readonly evidence: Evidence | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The rule that covers the check, as it is configured now. */
  readonly rule: Rule | undefined;
  /** Masks a secret, unless secrets are asked for. */
  readonly show: (secret: string) => string;
  readonly showSecrets: boolean;
}
