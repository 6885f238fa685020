import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import type { VerifiedToken } from '../core/token/verified-token.ts';
import { ownCopy } from '../lib/own-copy.ts';
import { createLineHead, cut, listField, plainField, textField } from './json-line.ts';
import type { LineDestination } from './log-destination.ts';
import { readTraceId } from './trace-id.ts';

/** Every field there is; `docs/reference/log.md` explains each. */
export type DecisionField =
  | 'decision_id'
  | 'effect'
  | 'reason'
  | 'rule'
  | 'subject'
  | 'issuer'
  | 'client_id'
  | 'scopes'
  | 'spiffe_id'
  | 'bound_by'
  | 'would_deny'
  | 'detail'
  | 'door'
  | 'method'
  | 'host'
  | 'path'
  | 'destination'
  | 'peer_from'
  | 'via'
  | 'token_kind'
  | 'service_account'
  | 'pod'
  | 'alg'
  | 'kid'
  | 'key_age_s'
  | 'cache_hit'
  | 'duration_us'
  | 'trace_id'
  | 'request_id';

const text = textField<DecisionField>;
const list = listField<DecisionField>;
const plain = plainField<DecisionField>;

/**
 * Writes one JSON line per check, with these fields and no others: never a token, a signature, a header, a
 * query string. What a caller wrote is cut to 512 characters; JSON escapes what could break the line or the
 * terminal.
 */
export function createDecisionLog(destination: LineDestination) {
  const head = createLineHead(Date.now);
  const ofToken = createTokenFields();
  return (decision: Decision, evidence: Evidence, door: Door, microseconds: number, now: number): void => {
    const { id, effect, reason, found } = decision;
    const { rule, token, peer, boundBy } = found;
    const { request } = evidence;
    const observed = decision.reason === 'observed' ? decision.wouldDeny : undefined;
    const refused = decision.effect === 'allow' ? observed : decision;
    const known = token && ofToken(token);
    const path = found.path ?? withoutQuery(request?.path);
    const keyAge = token?.keyFetchedAt && Math.round((now - token.keyFetchedAt) / 1000);
    destination.write(
      head() +
        text(',"decision_id":', id) +
        text(',"effect":', effect) +
        text(',"reason":', reason) +
        text(',"rule":', rule?.name) +
        (known ? known.facts : '') +
        text(',"spiffe_id":', peer?.spiffeId?.uri) +
        text(',"bound_by":', boundBy) +
        text(',"would_deny":', observed?.reason) +
        text(',"detail":', cut(refused?.detail)) +
        text(',"door":', door) +
        text(',"method":', cut(request?.method)) +
        text(',"host":', cut(request?.host)) +
        text(',"path":', cut(path)) +
        text(',"destination":', cut(evidence.destination.principal)) +
        text(',"peer_from":', peer?.source) +
        text(',"via":', peer?.via?.uri) +
        (known ? known.proof : '') +
        plain(',"key_age_s":', keyAge) +
        plain(',"cache_hit":', token?.cached) +
        plain(',"duration_us":', microseconds) +
        text(',"trace_id":', request && readTraceId(request.headers)) +
        text(',"request_id":', cut(request?.headers['x-request-id'])) +
        '}\n',
    );
  };
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

/** The fields that are the same in each line about a token. */
interface TokenFields {
  readonly facts: string;
  readonly proof: string;
}

/** Keeps the fields of a token from its second check on. They live as long as the token is remembered. */
function createTokenFields(): (token: VerifiedToken) => TokenFields {
  const kept = new WeakMap<VerifiedToken, TokenFields>();
  return (token) => {
    const known = kept.get(token);
    if (known) return known;
    const fields = tokenFields(token);
    if (!token.cached) return fields;
    const copies = { facts: ownCopy(fields.facts), proof: ownCopy(fields.proof) };
    kept.set(token, copies);
    return copies;
  };
}

function tokenFields(token: VerifiedToken): TokenFields {
  const { subject, iss, clientId, scopes, kind, serviceAccount: account, algorithm, kid } = token;
  return {
    facts:
      text(',"subject":', cut(subject)) +
      text(',"issuer":', iss) +
      text(',"client_id":', cut(clientId)) +
      list(',"scopes":', scopes.length > 0 ? cut(scopes.join(' '))?.split(' ') : undefined),
    proof:
      text(',"token_kind":', kind) +
      text(',"service_account":', account && cut(`${account.namespace}/${account.name}`)) +
      text(',"pod":', cut(account?.pod)) +
      text(',"alg":', algorithm) +
      text(',"kid":', kid),
  };
}

function withoutQuery(path: string | undefined): string | undefined {
  // The log shows less than this, so a longer path need not be searched.
  return path?.slice(0, 1_024).split(/[?#]/, 1)[0];
}
