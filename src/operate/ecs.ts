import type { DecisionField } from './decision-field.ts';
import { type LogLevel, levelNames, levels } from './log-level.ts';

/** The version of the Elastic Common Schema that the names are from. */
const ecsVersion = '8.11.0';

/**
 * The name of each field in the Elastic Common Schema, written with dots. What the schema has no name for is
 * below `peerproof`, where it cannot meet a field of another program.
 */
export const ecsNames: Readonly<Record<DecisionField, string>> = {
  decision_id: 'event.id',
  effect: 'peerproof.effect',
  reason: 'event.reason',
  rule: 'rule.name',
  subject: 'user.id',
  issuer: 'peerproof.issuer',
  client_id: 'peerproof.client_id',
  actor: 'peerproof.actor',
  prior_actors: 'peerproof.prior_actors',
  scopes: 'peerproof.scopes',
  spiffe_id: 'peerproof.spiffe_id',
  bound_by: 'peerproof.bound_by',
  workload: 'peerproof.workload',
  would_deny: 'peerproof.would_deny',
  detail: 'error.message',
  door: 'peerproof.door',
  method: 'http.request.method',
  host: 'url.domain',
  path: 'url.path',
  destination: 'peerproof.destination',
  peer_from: 'peerproof.peer_from',
  via: 'peerproof.via',
  token_kind: 'peerproof.token_kind',
  service_account: 'peerproof.service_account',
  pod: 'peerproof.pod',
  token_node: 'peerproof.token_node',
  credential_id: 'peerproof.credential_id',
  alg: 'peerproof.alg',
  kid: 'peerproof.kid',
  jti: 'peerproof.jti',
  txn: 'peerproof.txn',
  key_age_s: 'peerproof.key_age_s',
  cache_hit: 'peerproof.cache_hit',
  duration_us: 'event.duration',
  trace_id: 'trace.id',
  request_id: 'http.request.id',
  source_address: 'source.address',
  user_agent: 'user_agent.original',
  sampled: 'peerproof.sampled',
  config_version: 'peerproof.config_version',
  node: 'service.node.name',
  schema: 'peerproof.schema',
};

/**
 * Translates a line about the service. `event` is the name of an object in this schema, so a line that kept
 * it could not be stored beside the others.
 */
export function ecsServiceLine(line: string): string {
  const { time, level, event, message, ...others } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const named = levelNames.find((name) => levels[name] === level) ?? 'info';
  const own = Object.entries(others).map(([name, value]) => [`peerproof.${name}`, value] as const);
  return `${JSON.stringify({
    '@timestamp': time,
    ...ecsCommon(named, 'service'),
    'event.action': event,
    message,
    ...Object.fromEntries(own),
  })}\n`;
}

/** What each line has, behind its time. */
export function ecsCommon(level: LogLevel, about: 'decision' | 'service') {
  return {
    'log.level': level,
    'ecs.version': ecsVersion,
    'service.type': 'peerproof',
    'event.dataset': `peerproof.${about}`,
  };
}
