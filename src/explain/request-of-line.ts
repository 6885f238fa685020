import type { CheckedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { PeerSource } from '../core/peer/verify-peer.ts';
import type { RefusalReason } from '../core/reasons.ts';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { filledText, type JsonObject, parseJson } from '../lib/json.ts';
import { listRules } from '../serve/create-policy.ts';
import { actClaim } from '../trial/claims.ts';
import type { TrialRequest, TrialToken } from '../trial/trial.ts';
import { accountClaims, exampleOf, fittingRequest } from './fitting-request.ts';
import type { HttpSurroundings } from './http-door.ts';
import type { Told } from './told.ts';

/** Characters. The log cuts its fields far below. */
const longest = 1_024;

/**
 * Whether the line holds the whole request: not for a connection, not if a field was cut off, and not for the
 * lists of a proxy.
 */
export function isWhole({ detail }: DecisionLine, told: Told): boolean {
  const { method, host, path, destination, token } = told;
  if (method === undefined || host === undefined || path === undefined) return false;
  if (told.reason === 'email_not_allowed' && /the proxy(?: wants one)?$/.test(detail ?? '')) return false;
  const fields = [
    method,
    host,
    path,
    destination,
    token?.subject,
    token?.clientId,
    ...(token?.actors ?? []),
    detail,
  ];
  return !fields.some((field = '') => field.length > longest || field.endsWith('…'));
}

/**
 * A request like the one in a line of the log: what the line says, and what a rule wants where the line says
 * nothing.
 * @param covering the name of that rule
 */
export function requestOfLine(
  line: DecisionLine,
  told: Told,
  { config }: CheckedConfig,
  covering: string | undefined,
): TrialRequest {
  const { method = '', host = '', path = '', destination, peer, token } = told;
  const detail = line.detail ?? '';
  const rule = listRules(config).find(({ name }) => name === covering);
  const named = told.reason === 'peer_trust_domain_not_allowed' ? spiffeIdIn(detail) : undefined;
  const known = { spiffeId: peer?.spiffeId ?? named, issuer: token?.issuer ?? issuerNamed(detail, config) };
  const fitting = fittingRequest(config, rule, known);
  const request: TrialRequest = {
    ...{ method, host, path, destination },
    port: rule?.match.ports[0],
    context: rule?.match.context,
    peer: {
      ...(peer && peer.spiffeId === undefined ? {} : fitting.peer),
      via: peer?.via,
      source: sourceOf(line),
    },
    client: told.client ?? fitting.client,
    token: fitting.token && { ...fitting.token, claims: { ...fitting.token.claims, ...claimsOf(told) } },
  };
  const twist = twists[told.reason as RefusalReason];
  return twist ? twist(request, detail, told) : request;
}

/** The issuer of a token that was refused before it was verified, so that the line has no fields of it. */
function issuerNamed(detail: string, { issuers }: Config): string | undefined {
  const name = / is not allowed for (.+): algorithms are /.exec(detail)?.[1];
  return name !== undefined && Object.hasOwn(issuers, name) ? name : undefined;
}

/** A check over HTTP has no other source of certificates. */
function sourceOf({ door }: DecisionLine): PeerSource | undefined {
  return door === 'http' ? 'xfcc' : undefined;
}

function claimsOf({ token }: Told): JsonObject {
  if (!token) return {};
  const { subject, clientId, scopes, serviceAccount, pod, kind, actors = [] } = token;
  return {
    act: actClaim(actors),
    ...(subject !== undefined && { sub: subject }),
    ...(clientId !== undefined && { client_id: clientId }),
    // Without any scope the line has no such field.
    ...(kind !== undefined && { scope: scopes.length > 0 ? scopes.join(' ') : null }),
    ...(serviceAccount !== undefined && accountClaims(serviceAccount, pod?.split('/')[1])),
  };
}

type Twist = (request: TrialRequest, detail: string, told: Told) => TrialRequest;

/** Another thumbprint than any certificate of a trial has. */
const otherThumbprint = 'A'.repeat(43);

/** What a refusal tells of the request beyond the fields. `test/explain/reasons.test.ts` compares it. */
const twists: Partial<Readonly<Record<RefusalReason, Twist>>> = {
  token_missing: (request) => ({ ...request, token: undefined }),
  token_audience_mismatch: (request, detail) => withClaims(request, { aud: audienceIn(detail) }),
  token_issuer_unknown: (request, detail) =>
    withClaims(request, { iss: issuerIn(detail) ?? 'https://unknown.invalid' }),
  token_algorithm_not_allowed: (request, detail) =>
    withToken(request, { header: { alg: /^(?:alg )?"?([\w-]+)"?/.exec(detail)?.[1] ?? 'none' } }),
  token_expired: (request) => withClaims(request, { exp: 1 }),
  token_not_yet_valid: (request) => withClaims(request, { nbf: 253_402_300_799, exp: 253_402_300_800 }),
  binding_missing: (request) => withToken(request, { bound: false }),
  binding_workload_mismatch: (request) => withToken(request, { bound: false }),
  binding_certificate_mismatch: (request) =>
    withToken(withClaims(request, { cnf: { 'x5t#S256': otherThumbprint } }), { bound: false }),
  confirmation_unproven: (request, detail) => {
    const dpop = detail.includes('cnf.jkt');
    return withToken(request, { bound: !dpop, dpop });
  },
  token_scheme_downgraded: (request) =>
    withToken(withClaims(request, { cnf: { jkt: otherThumbprint } }), { bound: false, dpop: false }),
  binding_peer_missing: (request, detail) =>
    isUnread(detail)
      ? request
      : withToken(withClaims({ ...request, peer: undefined }, { cnf: { 'x5t#S256': otherThumbprint } }), {
          bound: false,
        }),
  peer_missing: (request, detail, { peer }) =>
    isUnread(detail) ? request : { ...request, peer: peer && {} },
  client_not_registered: (request, detail) =>
    request.client === undefined
      ? withToken(request, { clientId: clientIn(detail) ?? request.token?.clientId })
      : { ...request, client: clientIn(detail) ?? request.client },
  client_ambiguous: (request) =>
    request.client === undefined
      ? withToken(request, { clientId: undefined, assertion: 'jwt-spiffe' })
      : { ...request, client: '' },
  claim_mismatch(request, detail) {
    const [, name = '', value = ''] = /^(\S+) is (.*?)(?:; wanted: .*)?$/s.exec(detail) ?? [];
    return withClaims(request, { [name]: parseJson(value) ?? null });
  },
  actor_malformed: (request) => withClaims(request, { act: 'malformed' }),
  actor_mismatch: (request, _, { token }) =>
    withClaims(request, { act: { sub: token?.subject ?? 'someone' }, may_act: { sub: 'nobody' } }),
  email_not_verified: (request) =>
    withClaims(request, { email: 'someone@example.com', email_verified: false }),
  email_not_allowed: (request) => withClaims(request, { email: null }),
};

/** Whether a peer was sent over HTTP, where the configuration does not read it. */
function isUnread(detail: string): boolean {
  return detail.includes('http.xfcc is none');
}

/** The first audience of the token. */
export function audienceIn(detail: string): string | undefined {
  return textIn(/\baud (?:is )?\[?("(?:[^"\\]|\\.)*")/.exec(detail)?.[1]);
}

function issuerIn(detail: string): string | undefined {
  return textIn(/\biss ("(?:[^"\\]|\\.)*")/.exec(detail)?.[1]);
}

function clientIn(detail: string): string | undefined {
  return textIn(/\bclient ("(?:[^"\\]|\\.)*")/.exec(detail)?.[1]);
}

function textIn(json: string | undefined): string | undefined {
  return filledText(parseJson(json ?? ''));
}

function spiffeIdIn(detail: string): string | undefined {
  return /spiffe:\/\/[^\s"';,]+/.exec(detail)?.[0];
}

function withToken(request: TrialRequest, more: Partial<TrialToken>): TrialRequest {
  return request.token ? { ...request, token: { ...request.token, ...more } } : request;
}

export function withClaims(request: TrialRequest, claims: JsonObject): TrialRequest {
  return withToken(request, { claims: { ...request.token?.claims, ...claims } });
}

/** What the detail and the rule tell of a check over HTTP. */
export function surroundingsOf(
  { detail = '' }: DecisionLine,
  { config }: CheckedConfig,
  covering: string | undefined,
): HttpSurroundings {
  const rule = listRules(config).find(({ name }) => name === covering);
  return {
    destination: exampleOf(rule?.match.destinations[0]),
    sidecar: /\{sidecar: "([^"]*)"\}/.exec(detail)?.[1],
  };
}
