import type { InjectLine } from '../../src/inject/decision-log.ts';
import { type DecisionField, decisionFields } from '../../src/operate/decision-field.ts';
import { ecsNames } from '../../src/operate/ecs.ts';

type Row = readonly string[];

/** One row a field of the decision log. A field without a row, or a row without a field, does not compile. */
const fields: Readonly<Record<DecisionField, string>> = {
  decision_id: 'The ID of this decision. The body of a refusal and the dynamic metadata have the same.',
  effect: '`allow`, `deny`, `unavailable` (an outage or a bug), or `answer` (Peerproof itself has answered).',
  reason: 'The cause, see [Reasons](reasons.md).',
  rule: 'The name of the rule that covers the request; `<workload>/<rule>` under `workloads`.',
  subject: '`sub` of the token.',
  issuer: '`iss` of the token.',
  client_id: 'The OAuth client of the token, or of the token request.',
  actor:
    'The current actor of the token, who sends it for the subject (`act`, RFC 8693): its `sub`, else its `client_id`. Behind its `iss`, if that is not the issuer of the token.',
  prior_actors: 'The actors before it, the latest first. At most seven.',
  scopes: 'The scopes of the token.',
  spiffe_id: 'The SPIFFE ID of the peer.',
  bound_by:
    'The proof that held: `certificate`, `workload`, `dpop`, `wit` or `none`. A client that authenticates with its certificate alone is bound by `workload`.',
  workload:
    'The SPIFFE ID of the WIT beside the token, if `bound_by` is `wit`. If the token is a WIT itself, see `subject`.',
  would_deny:
    'The reason with which the request would be refused. It passed, because this is only observed (`mode: observe`).',
  detail: 'What exactly was wrong. May quote what was presented. Only on a refusal, or beside `would_deny`.',
  door: '`grpc`, `http` (Envoy over HTTP) or `forward-auth`.',
  method: 'The method of the request.',
  host: 'The host of the request, as it was sent.',
  path: 'The path as the rules compare it, without the query.',
  destination: 'The workload that the request is sent to, as the proxy names it (`destination.principal`).',
  peer_from: 'Where the peer was read: `attribute`, `xfcc`, `principal` or `x-client-certificate`.',
  via: 'The SPIFFE ID of the gateway that stated the peer.',
  token_kind: '`access-token`, `opaque-token`, `service-account`, `jwt-svid` or `workload-identity-token`.',
  service_account: 'Namespace and name of the ServiceAccount of the token.',
  pod: 'The pod of the ServiceAccount token.',
  token_node:
    'The node of the ServiceAccount token: where its pod ran when it was issued, or the node that it is bound to.',
  credential_id:
    'The ID of the ServiceAccount token, as audit logs of the API server name it (`authentication.kubernetes.io/credential-id`).',
  alg: 'The algorithm of the signature.',
  kid: 'The ID of the key that verified it.',
  jti: 'The ID of the token. For a ServiceAccount token, the part of its credential ID after `JTI=`. Never of an opaque token, because it could be the token itself.',
  txn: 'The transaction of the Transaction Token that came with the request (`identity.token`). The line of the request that it was made for has it as `decision_id`.',
  key_age_s: 'Seconds since that key was fetched.',
  cache_hit: 'Whether the token, or the answer about it, was known from an earlier check.',
  duration_us: 'Microseconds from the decoded check to its decision.',
  trace_id: 'The trace ID of the request, from `traceparent` or B3 headers.',
  request_id: '`x-request-id` of the request.',
  source_address:
    'Where the request comes from: `source.address` of Envoy over gRPC, and the last address of `X-Forwarded-For` from a proxy of `http.forwardAuth`. No trusted proxy says it over Envoy’s HTTP ext_authz.',
  user_agent: '`User-Agent` of the request. Over Envoy’s HTTP ext_authz, if the check includes it.',
  sampled:
    'The share of such lines that is written (`log.sample`). The line stands for 1 / `sampled` requests. If it is missing, every such line is written.',
  config_version: 'The version of the configuration that decided. `/readyz` shows the same.',
  node: 'The pod (`POD_NAME` in the environment) or the host that decided.',
  schema: 'The version of these fields.',
};

const injectFields: Readonly<Record<keyof InjectLine, string>> = {
  decision_id: fields.decision_id,
  effect: fields.effect,
  reason: 'The cause, see [Reasons](reasons.md#reasons-of-inject).',
  rule: 'The name of the entry under `tokens`.',
  detail: 'What exactly was wrong. Only on a refusal.',
  door: 'Always `grpc`.',
  method: fields.method,
  host: 'The host that the request goes to.',
  duration_us: fields.duration_us,
  trace_id: fields.trace_id,
  request_id: fields.request_id,
};

/** The lines about the service itself. A test compares the names with the source. */
export const events: Readonly<Record<string, readonly [level: 'info' | 'warn' | 'error', what: string]>> = {
  serving: [
    'info',
    'Everything was tried once, and checks are answered. Fields: `grpc`, `http`, `metadata`, `keys`, `events`, `admin` (ports).',
  ],
  workers: ['info', 'The processes of `--workers` were started. Fields: `size`, `admin`.'],
  worker_ended: [
    'error',
    'A worker ended and is replaced. Fields: `worker_pid`, `how`, `failure` (why its ports cannot be opened), `replaced_in_ms`.',
  ],
  stopped: ['info', 'Every check is answered, and the process ends.'],
  weak_setting: [
    'warn',
    'The configuration holds a weaker choice, such as an `allowInsecure…` setting or `mode: observe`.',
  ],
  open_port: ['warn', 'A port answers everyone who reaches it. The message says what closes it.'],
  wrong_setting: [
    'error',
    '`http.xfcc` does not fit the own sidecar (`peer_own_sidecar`). Field: `setting`.',
  ],
  keys_unavailable: ['warn', 'The keys of an issuer could not be fetched. Fields: `of`, `failure`.'],
  keys_available: ['info', 'They are there again. Field: `of`.'],
  bundle_unavailable: [
    'warn',
    'The bundle of a trust domain could not be read or fetched. Fields: `of`, `failure`.',
  ],
  bundle_available: ['info', 'It is there again. Field: `of`.'],
  proofs_remembered_here: [
    'info',
    'A rule accepts something that holds only once, and there is no `store`: this replica remembers for itself.',
  ],
  security_event: ['info', 'A transmitter has revoked tokens. Field: `transmitter`.'],
  security_event_refused: [
    'warn',
    'A security event token of a transmitter was refused: it is malformed, of another issuer or audience, or too old. Fields: `transmitter`, `failure`.',
  ],
  security_event_failed: [
    'warn',
    'A security event token could not be verified or kept, and has to be sent again. Fields: `transmitter`, `failure`.',
  ],
  transmitter_unavailable: [
    'warn',
    'The security events of a transmitter cannot be fetched. Fields: `transmitter`, `failure`.',
  ],
  transmitter_available: ['info', 'They can be fetched again. Field: `transmitter`.'],
  revocations_unavailable: [
    'error',
    'The revocations cannot be read. What is known stays in force. After `revocation.maxStaleness`, `onOutage` applies. Field: `failure`.',
  ],
  revocations_available: ['info', 'They can be read: after a start, or again.'],
  revocations_restored: [
    'warn',
    'The store had lost revocations, as after a failover or without persistence, and this process wrote them back. Field: `count`.',
  ],
  store_unavailable: ['warn', 'The store does not answer. Field: `failure`.'],
  store_available: ['info', 'The store answers: after a start, or again.'],
  store_evicts: [
    'error',
    'The store forgets keys when its memory is full, and a forgotten proof is accepted again. Set `maxmemory-policy noeviction`. Field: `policy`.',
  ],
  signing_key_unavailable: [
    'warn',
    'A file of `identity.token.keyFiles` cannot be read or used; its last key stays in use. Fields: `of`, `failure`.',
  ],
  signing_key_available: ['info', 'It can be used again. Field: `of`.'],
  never_answered: [
    'error',
    'An issuer or a trust bundle has never answered. Said after a start, after a reload and every five minutes. Fields: `of`, `reason`, `failure`.',
  ],
  configuration_loaded: ['info', 'A changed configuration is in use. Fields: `version`, `from`.'],
  configuration_refused: [
    'error',
    'The files hold a configuration with an error; the one before stays in use. Fields: `failure`, `version`.',
  ],
  configuration_accepted: [
    'info',
    'The files were mended: they hold the configuration that is in use. Field: `version`.',
  ],
  team_rules_unavailable: [
    'warn',
    'The rules of teams cannot be read from the API server (`rulesFrom.kubernetes`). The last known ones stay in use. Field: `failure`.',
  ],
  team_rules_available: ['info', 'The rules of teams can be read from the API server again.'],
  team_status_unavailable: [
    'warn',
    'The status of AuthorizationRules cannot be written. Their rules are not affected. Field: `failure`.',
  ],
  team_cache_unusable: [
    'warn',
    'The file `rulesFrom.kubernetes.cacheFile` cannot be read or written. Field: `failure`.',
  ],
  team_cache_written: ['info', 'That file could be written again.'],
  team_status_available: ['info', 'The status of AuthorizationRules can be written again.'],
  owner_rules_refused: [
    'error',
    'The present file of a team is refused. Its previous rules stay in use, or it has none (`rules` is 0). Fields: `owner`, `file`, `rules`, `failure`.',
  ],
  owner_rules_conflicted: [
    'warn',
    'Rules of another team decide some requests of this team. Fields: `owner`, `file`, `rules`, `failure`.',
  ],
  owner_rules_accepted: ['info', 'The file of a team was mended. Fields: `owner`, `file`, `rules`.'],
  shadow_difference: [
    'info',
    'The shadow configuration decides otherwise. Fields: `decision_id`, `effect`, `reason`, `rule` of the decision that was made, and `shadow_effect`, `shadow_reason`, `shadow_rule`, `shadow_detail`.',
  ],
  lines_left_out: [
    'warn',
    'Lines about decisions were left out because of `log.maxLinesPerSecond`. Said once in ten seconds. Field: `lines`.',
  ],
  restart_needed: ['warn', 'A part of the change takes effect at the next start. Field: `version`.'],
  telemetry_unavailable: [
    'warn',
    'The collector of `telemetry` does not take spans or metrics. Said once, until it takes them again. Fields: `signal`, `failure`.',
  ],
  telemetry_available: ['info', 'The collector takes them again. Field: `signal`.'],
  certificate_loaded: ['info', '`inject`: the certificate of the gRPC port was replaced.'],
  certificate_refused: [
    'warn',
    '`inject`: the files of the certificate cannot be used; the previous one stays. Field: `failure`.',
  ],
  token_read: ['info', '`inject`: a token file was read. Fields: `rule`, `file`, `expires_in_s`.'],
  token_unusable: [
    'warn',
    '`inject`: a token file cannot be used. Fields: `rule`, `file`, `failure`, `previous_token_kept`.',
  ],
};

export function fieldRows(): readonly Row[] {
  return decisionFields.map((name) => [`\`${name}\``, fields[name], `\`${ecsNames[name]}\``]);
}

export function injectFieldRows(): readonly Row[] {
  return rowsOf(injectFields);
}

export function eventRows(): readonly Row[] {
  return Object.entries(events).map(([name, [level, what]]) => [`\`${name}\``, level, what]);
}

function rowsOf(described: Readonly<Record<string, string>>): readonly Row[] {
  return Object.entries(described).map(([name, what]) => [`\`${name}\``, what]);
}
