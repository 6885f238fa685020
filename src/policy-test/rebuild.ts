import type { RuleConfig } from '../config/schema.ts';
import type { ReasonName } from '../core/reasons.ts';
import { claimPath } from '../core/token/claim-path.ts';
import type { Issuer } from '../core/token/issuers.ts';
import type { ProfileName } from '../core/token/profiles.ts';
import type { TokenKind } from '../core/token/verified-token.ts';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { isRecord, type JsonObject, recordOf } from '../lib/json.ts';
import { actClaim } from '../trial/claims.ts';
import type { CallerInput, TestFileInput } from './schema.ts';

type TokenInput = Exclude<CallerInput['token'], 'none' | undefined>;
type RequestInput = Extract<TestFileInput['tests'][number]['request'], { host?: unknown }>;

/** A request and its sender that could have led to a line of the log. */
export interface Rebuilt {
  readonly caller: CallerInput;
  readonly request: RequestInput;
  /** What the log does not say and was made up. */
  readonly madeUp: readonly string[];
}

/** What a configuration says about the tokens and rules in a log. */
export interface Origins {
  readonly issuers: readonly Issuer[];
  readonly rules: ReadonlyMap<string, RuleConfig>;
}

/** The year 2100. */
const farAway = 4_102_444_800;

/** Tokens for reasons that lie in what the log does not say. */
const tokensByReason: Partial<Record<ReasonName, TokenInput>> = {
  authorization_malformed: { text: 'two words' },
  token_malformed: { text: 'eyJ.malformed.token' },
  token_inactive: { text: 'inactive' },
  token_issuer_unknown: { claims: { iss: 'https://unknown.example' } },
  token_algorithm_not_allowed: { header: { alg: 'none' } },
  token_type_not_allowed: { header: { typ: 'unknown' } },
  token_claim_malformed: { claims: { exp: 'unknown' } },
  token_expired: { expired: true },
  token_not_yet_valid: { claims: { nbf: farAway } },
  token_audience_mismatch: { claims: { aud: 'another audience' } },
  actor_malformed: { claims: { act: 'malformed' } },
  actor_mismatch: { claims: { act: { sub: 'recorded' }, may_act: { sub: 'another' } } },
  confirmation_malformed: { claims: { cnf: 'malformed' } },
  confirmation_unsupported: { claims: { cnf: { jkt: 'unsupported' } } },
  confirmation_unproven: { claims: { cnf: { 'x5t#S256': 'A'.repeat(43) } } },
  binding_certificate_mismatch: { claims: { cnf: { 'x5t#S256': 'A'.repeat(43) } } },
};

/**
 * Requests that could have led to a line, the likeliest first. The log holds no claims and no headers, so
 * **none** of them may be what was sent: only those that get the same decision are of use.
 */
export function rebuild(line: DecisionLine, { issuers, rules }: Origins): readonly Rebuilt[] {
  const rule = line.rule === undefined ? undefined : rules.get(line.rule);
  const token = rebuildToken(line, issuers, rule);
  const peer = rebuildPeer(line);
  const isOfPeer = rule?.require?.credential === 'client-certificate';
  const caller = {
    ...(peer && { peer }),
    ...(token && { token }),
    ...(isOfPeer && { client: line.client_id ?? '' }),
  };
  const request = rebuildRequest(line, rule);
  const taken = [
    ...(request.port === undefined ? [] : ['the port']),
    ...(request.context === undefined ? [] : ['the context']),
  ].map((what) => `${what} is from the rule`);
  const madeUp = [
    ...taken,
    ...(specialToken(line) ? ['the log does not say what was wrong with the token'] : []),
  ];
  const plain: Rebuilt = { caller, request, madeUp };
  const claims = claimsOf(rule);
  if (!token || token.text !== undefined || Object.keys(claims).length === 0) return [plain];
  const withClaims = { ...caller, token: { ...token, claims: { ...claims, ...token.claims } } };
  const names = Object.keys(rule?.require?.claims ?? {}).join(', ');
  return [
    plain,
    { caller: withClaims, request, madeUp: [...madeUp, `the claims ${names} are from the rule`] },
  ];
}

function specialToken({ reason, would_deny: observed = reason }: DecisionLine): TokenInput | undefined {
  return Object.hasOwn(tokensByReason, observed) ? tokensByReason[observed as ReasonName] : undefined;
}

function rebuildPeer({ spiffe_id: spiffeId, bound_by: boundBy, via }: DecisionLine): CallerInput['peer'] {
  if (via !== undefined) return { ...(spiffeId !== undefined && { spiffeId }), via };
  return spiffeId ?? (boundBy === 'certificate' ? { certificate: 'recorded' } : undefined);
}

function rebuildRequest({ method, host, path }: DecisionLine, rule: RuleConfig | undefined): RequestInput {
  const [port] = rule?.match.ports ?? [];
  const context = rule?.match.context ?? {};
  const rest = {
    ...(port !== undefined && { port }),
    ...(Object.keys(context).length > 0 && { context }),
  };
  if (method === undefined) return { protocol: 'tcp', ...rest };
  return { method, host: host ?? '', path: path ?? '', ...rest };
}

function rebuildToken(
  line: DecisionLine,
  issuers: readonly Issuer[],
  rule: RuleConfig | undefined,
): TokenInput | undefined {
  const special = specialToken(line);
  if (special?.text !== undefined) return special;
  const known = line.issuer !== undefined || line.token_kind !== undefined;
  const issuer = known ? issuerOf(line, issuers) : special && issuers.find(({ keys }) => keys);
  if (!issuer) return undefined;
  const { subject, client_id: clientId, scopes = [], bound_by: boundBy } = line;
  const asserted = rule?.require?.credential === 'client-assertion' ? clientId : undefined;
  const claims = {
    ...(known && { sub: subject ?? null }),
    ...(asserted === undefined && clientId !== undefined && { client_id: clientId }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...actorClaims(line),
    ...podClaims(line),
    ...special?.claims,
  };
  return {
    issuer: issuer.name,
    ...special,
    ...(Object.keys(claims).length > 0 && { claims }),
    ...(boundBy === 'certificate' && { bound: true }),
    ...(boundBy === 'dpop' && { dpop: true }),
    ...(asserted !== undefined && { clientId: asserted }),
  };
}

/** By `iss`, or by the kind of the token if only one issuer has such tokens: not every `iss` is configured. */
function issuerOf(
  { issuer: iss, token_kind: kind }: DecisionLine,
  issuers: readonly Issuer[],
): Issuer | undefined {
  const named = issuers.find((one) => iss !== undefined && one.iss === iss);
  if (named) return named;
  const [only, ...more] = issuers.filter(({ profile, keys }) =>
    kind === 'opaque-token' ? !keys && profile === 'any' : (kindOf[profile] ?? profile) === kind,
  );
  return more.length === 0 ? only : undefined;
}

function actorClaims({ actor, prior_actors: prior = [] }: DecisionLine): JsonObject {
  return actor === undefined ? {} : { act: actClaim([actor, ...prior]) };
}
/** Where the kind has another name than the profile. */
const kindOf: Partial<Record<ProfileName, TokenKind>> = { wit: 'workload-identity-token' };

function podClaims({ service_account: account, pod }: DecisionLine): JsonObject {
  const [namespace, name] = account?.split('/') ?? [];
  if (pod === undefined || name === undefined) return {};
  return { 'kubernetes.io': { namespace, serviceaccount: { name }, pod: { name: pod } } };
}

/** Claims with which a token meets the rule: the first of the accepted values. */
function claimsOf(rule: RuleConfig | undefined): JsonObject {
  const claims: Record<string, unknown> = {};
  for (const [claim, values] of Object.entries(rule?.require?.claims ?? {})) {
    const [value] = [values].flat();
    const [last = '', ...above] = claimPath(claim).toReversed();
    let place = claims;
    for (const step of above.toReversed()) {
      if (!isRecord(place[step])) place[step] = {};
      place = recordOf(place[step]) as Record<string, unknown>;
    }
    place[last] = value;
  }
  return claims;
}
