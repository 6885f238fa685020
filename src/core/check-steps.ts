/** What a check has done, in this order. A step that a check does not need, or does not reach, is absent. */
export type CheckStep =
  | 'rule_found'
  | 'peer_verified'
  | 'issuer_answered'
  | 'token_verified'
  | 'binding_proved'
  | 'requirements_met'
  | 'identity_made';

/** Is told of each step of one check. The core has no clock, so it takes the time itself. Must not throw. */
export interface CheckSteps {
  done(step: CheckStep): void;
}
