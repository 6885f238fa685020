/** Every field of a decision line, in its order. `docs/reference/log.md` explains each. */
export const decisionFields = [
  'decision_id',
  'effect',
  'reason',
  'rule',
  'subject',
  'issuer',
  'client_id',
  'actor',
  'prior_actors',
  'scopes',
  'spiffe_id',
  'bound_by',
  'workload',
  'would_deny',
  'detail',
  'door',
  'method',
  'host',
  'path',
  'destination',
  'peer_from',
  'via',
  'token_kind',
  'service_account',
  'pod',
  'token_node',
  'credential_id',
  'alg',
  'kid',
  'jti',
  'txn',
  'key_age_s',
  'cache_hit',
  'duration_us',
  'trace_id',
  'request_id',
  'source_address',
  'user_agent',
  'sampled',
  'config_version',
  'node',
  'schema',
] as const;

export type DecisionField = (typeof decisionFields)[number];

/** The fields whose value is a list, a number or a boolean. */
const others = [
  'scopes',
  'prior_actors',
  'key_age_s',
  'cache_hit',
  'duration_us',
  'sampled',
  'schema',
] as const;

export type OtherField = (typeof others)[number];
export type TextField = Exclude<DecisionField, OtherField>;

export function isTextField(field: DecisionField): field is TextField {
  return !(others as readonly string[]).includes(field);
}

/** Without these fields a line says nothing. */
const needed: readonly DecisionField[] = ['decision_id', 'effect', 'reason'];

/** The fields that a configuration can leave out. */
export const optionalFields = decisionFields.filter((field) => !needed.includes(field));

/**
 * The version of the fields, which each line names. It becomes larger if a field is renamed or removed, or if
 * its type or its meaning changes. A new field and a new reason do not change it.
 */
export const fieldsVersion = 1;
