import type { RefusalReason } from '../reasons.ts';
import type { Observation, Rule } from './rule.ts';

/** A requirement that a rule can observe instead of enforcing it. */
interface Observable {
  /** The refusals that it causes. */
  readonly reasons: readonly RefusalReason[];
  /** The rule without it. */
  readonly drop: (rule: Rule) => Rule;
}

const ofServiceAccount = (name: keyof Rule['serviceAccount']): Observable => ({
  reasons: ['service_account_not_allowed'],
  drop: (rule) => ({ ...rule, serviceAccount: { ...rule.serviceAccount, [name]: [] } }),
});

const ofAllowLists = (name: 'emails' | 'emailDomains'): Observable => ({
  reasons: ['email_not_allowed'],
  drop: ({ allowLists: { [name]: _, ...others } = {}, ...rule }) => ({ ...rule, allowLists: others }),
});

/** Why no proof holds that a token belongs to its sender. */
export const bindingReasons = [
  'confirmation_malformed',
  'confirmation_unsupported',
  'confirmation_unproven',
  'token_scheme_downgraded',
  'proof_missing',
  'proof_ambiguous',
  'proof_too_large',
  'proof_malformed',
  'proof_algorithm_not_allowed',
  'proof_key_unsuitable',
  'proof_key_mismatch',
  'proof_method_mismatch',
  'proof_target_mismatch',
  'proof_token_mismatch',
  'proof_expired',
  'proof_not_yet_valid',
  'proof_nonce_missing',
  'proof_nonce_expired',
  'proof_signature_invalid',
  'binding_peer_missing',
  'binding_certificate_mismatch',
  'binding_workload_mismatch',
  'binding_missing',
  'proof_replayed',
] as const satisfies readonly RefusalReason[];

/** One row for each, by its name in the configuration. */
const observables = {
  issuers: { reasons: ['token_issuer_not_allowed'], drop: (rule) => ({ ...rule, issuers: [] }) },
  scopes: { reasons: ['scope_missing'], drop: (rule) => ({ ...rule, scopes: [] }) },
  claims: { reasons: ['claim_mismatch'], drop: (rule) => ({ ...rule, claims: [] }) },
  serviceAccounts: ofServiceAccount('serviceAccounts'),
  namespaces: ofServiceAccount('namespaces'),
  pods: ofServiceAccount('pods'),
  actors: {
    reasons: ['actor_missing', 'actor_not_allowed'],
    drop: (rule) => ({ ...rule, actors: undefined }),
  },
  emails: ofAllowLists('emails'),
  emailDomains: ofAllowLists('emailDomains'),
  when: {
    reasons: ['condition_not_met', 'condition_failed'],
    drop: (rule) => ({ ...rule, when: undefined }),
  },
  peers: { reasons: ['peer_missing', 'peer_not_allowed'], drop: (rule) => ({ ...rule, peers: [] }) },
  binding: {
    reasons: bindingReasons,
    // It stays, because only a bound token identifies its user. `passesUnbound` lets the others pass.
    drop: (rule) => rule,
  },
} as const satisfies Record<string, Observable>;

export type ObservableName = keyof typeof observables;
export const observableNames = Object.keys(observables) as ObservableName[];

/** Observes these requirements of a rule. Everything else of it is enforced. */
export function observeRequirements(rule: Rule, names: readonly ObservableName[]): Observation {
  const observed: readonly Observable[] = names.map((name) => observables[name]);
  return {
    reasons: new Set(observed.flatMap(({ reasons }) => reasons)),
    rule: observed.reduce((left, { drop }) => drop(left), rule),
    passesUnbound: names.includes('binding'),
  };
}

/** Observes a whole rule: nothing of it is enforced. The token is read even if the peer is not allowed. */
export function observeRule(rule: Rule): Observation {
  return { reasons: undefined, rule: { ...rule, peers: [] }, passesUnbound: false };
}
