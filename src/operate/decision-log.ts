import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Findings } from '../core/findings.ts';
import type { Identity } from '../core/identity/identity.ts';
import { actorNames } from '../core/token/actors.ts';
import type { VerifiedToken } from '../core/token/verified-token.ts';
import { filledText } from '../lib/json.ts';
import { ownCopy } from '../lib/own-copy.ts';
import { type DecisionField, fieldsVersion } from './decision-field.ts';
import { createLineHead, cut, listField, plainField, textField, wordField } from './json-line.ts';
import type { LineDestination } from './log-destination.ts';
import { type FieldKeys, fieldKeys, type LogFormatName, logFormats } from './log-format.ts';
import { kindOf } from './log-level.ts';
import { readTraceId } from './trace-id.ts';

export interface DecisionLogOptions {
  readonly format: LogFormatName;
  /** The fields that are left out. */
  readonly omit: readonly DecisionField[];
  /** The version of the configuration. */
  readonly version?: string | undefined;
  /** The name of this pod or host. */
  readonly node?: string | undefined;
}

/**
 * Writes one JSON line per check, with the fields of `decisionFields` and no others: never a token, a
 * signature, a query string, or a header but the user agent and the IDs of the request. What a caller wrote
 * is cut to 512 characters; JSON escapes what could break the line or the terminal.
 */
export function createDecisionLog(
  destination: LineDestination,
  { format, omit, version, node }: DecisionLogOptions = { format: 'json', omit: [] },
) {
  const form = logFormats[format];
  const keys = fieldKeys(form, omit);
  const head = createLineHead(Date.now, form.heads);
  const fieldsOf = createKnownFields(keys);
  const always = textField(keys.config_version, version) + textField(keys.node, node);
  const end = `${always}${plainField(keys.schema, fieldsVersion)}}\n`;
  /** @param share the share of such lines that is written, if it is not all of them */
  return (
    decision: Decision,
    evidence: Evidence,
    door: Door,
    microseconds: number,
    now: number,
    share?: number,
  ): void => {
    const { id, effect, reason, found } = decision;
    const { request } = evidence;
    const observed = decision.reason === 'observed' ? decision.wouldDeny : undefined;
    const refused = 'detail' in decision ? decision : observed;
    const { facts, proof } = fieldsOf(decision);
    const path = found.path ?? withoutQuery(request?.path);
    const { token } = found;
    const keyAge = token?.keyFetchedAt && Math.round((now - token.keyFetchedAt) / 1000);
    destination.write(
      head(kindOf(decision)) +
        textField(keys.decision_id, id) +
        wordField(keys.effect, effect) +
        wordField(keys.reason, reason) +
        facts +
        wordField(keys.would_deny, observed?.reason) +
        textField(keys.detail, cut(refused?.detail)) +
        wordField(keys.door, door) +
        textField(keys.method, cut(request?.method)) +
        textField(keys.host, cut(request?.host)) +
        textField(keys.path, cut(path)) +
        textField(keys.destination, cut(evidence.destination.principal)) +
        proof +
        plainField(keys.key_age_s, keyAge) +
        plainField(keys.cache_hit, token?.cached) +
        plainField(keys.duration_us, microseconds * form.perMicrosecond) +
        textField(keys.trace_id, request && readTraceId(request.headers)) +
        textField(keys.request_id, cut(request?.headers['x-request-id'])) +
        textField(keys.source_address, cut(evidence.sourceAddress)) +
        textField(keys.user_agent, cut(request?.headers['user-agent'])) +
        plainField(keys.sampled, share) +
        end,
    );
  };
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

/** The fields about what was proven. They stand in two places of a line. */
interface KnownFields {
  readonly facts: string;
  readonly proof: string;
}

/**
 * Keeps the fields of an allow with the same token, rule and peer, for as long as the identity that it gives.
 * Keeps those of a token from its second check on, for as long as the token is remembered.
 */
function createKnownFields(keys: FieldKeys): (decision: Decision) => KnownFields {
  const ofAllows = new WeakMap<Identity, KnownFields>();
  const ofTokens = new WeakMap<VerifiedToken, KnownFields>();
  return (decision) => {
    // What passes only because it is observed may share the identity of another allow, but not its proof.
    const identity =
      decision.reason === 'allowed' && decision.identity.isKept ? decision.identity : undefined;
    const known = identity && ofAllows.get(identity);
    if (known) return known;
    const fields = foundFields(decision.found, keys, ofToken);
    if (identity) ofAllows.set(identity, ownCopies(fields));
    return fields;
  };

  function ofToken(token: VerifiedToken): KnownFields {
    const known = ofTokens.get(token);
    if (known) return known;
    const fields = tokenFields(token, keys);
    if (token.cached) ofTokens.set(token, ownCopies(fields));
    return fields;
  }
}

function ownCopies({ facts, proof }: KnownFields): KnownFields {
  return { facts: ownCopy(facts), proof: ownCopy(proof) };
}

const nothing: KnownFields = { facts: '', proof: '' };

function foundFields(
  { rule, token, client, peer, boundBy, sender, transaction }: Findings,
  keys: FieldKeys,
  ofToken: (token: VerifiedToken) => KnownFields,
): KnownFields {
  const { facts, proof } = token ? ofToken(token) : nothing;
  return {
    facts:
      textField(keys.rule, rule?.name) +
      facts +
      textField(keys.client_id, cut(client)) +
      textField(keys.spiffe_id, peer?.spiffeId?.uri) +
      wordField(keys.bound_by, boundBy) +
      textField(keys.workload, cut(sender?.subject)),
    proof:
      wordField(keys.peer_from, peer?.source) +
      textField(keys.via, peer?.via?.uri) +
      proof +
      textField(keys.txn, cut(transaction?.txn)),
  };
}

function tokenFields(token: VerifiedToken, keys: FieldKeys): KnownFields {
  const { subject, iss, clientId, scopes, kind, serviceAccount: account, algorithm, kid } = token;
  const [actor, ...prior] = actorNames(token) ?? [];
  return {
    facts:
      textField(keys.subject, cut(subject)) +
      textField(keys.issuer, iss) +
      textField(keys.client_id, cut(clientId)) +
      textField(keys.actor, cut(actor)) +
      listField(keys.prior_actors, prior.length > 0 ? prior.map((name) => cut(name) ?? '') : undefined) +
      listField(keys.scopes, scopes.length > 0 ? cut(scopes.join(' '))?.split(' ') : undefined),
    proof:
      textField(keys.token_kind, kind) +
      textField(keys.service_account, account && cut(`${account.namespace}/${account.name}`)) +
      textField(keys.pod, cut(account?.pod)) +
      textField(keys.token_node, cut(account?.node)) +
      textField(keys.credential_id, cut(account?.credentialId)) +
      textField(keys.alg, algorithm) +
      textField(keys.kid, kid) +
      // An authorization server can use an opaque token itself as its `jti`.
      textField(keys.jti, kind === 'opaque-token' ? undefined : cut(filledText(token.claims.jti))),
  };
}

function withoutQuery(path: string | undefined): string | undefined {
  // The log shows less than this, so a longer path need not be searched.
  return path?.slice(0, 1_024).split(/[?#]/, 1)[0];
}
