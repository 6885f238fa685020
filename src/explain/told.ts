import { expectedIss } from '../config/cluster.ts';
import type { CheckedConfig } from '../config/load.ts';
import type { BindingName } from '../core/binding/bind.ts';
import type { Decision } from '../core/decision.ts';
import { type ReasonName, reasons } from '../core/reasons.ts';
import { actorNames } from '../core/token/actors.ts';
import type { VerifiedToken } from '../core/token/verified-token.ts';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { filledText, type JsonObject } from '../lib/json.ts';
import { presentedToken, type SentToken } from './presented-token.ts';
import { refusedIn } from './refused.ts';
import type { Tried } from './trials.ts';

/** What is known of a check and its decision: all of it, or what a line of the log holds. */
export interface Told {
  readonly effect: Decision['effect'];
  /** If the request is only observed: why it would have been refused. */
  readonly reason: ReasonName;
  readonly detail: string | undefined;
  /** The name of the rule that covered the check. */
  readonly rule: string | undefined;
  readonly method: string | undefined;
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly destination: string | undefined;
  readonly peer: ToldPeer | undefined;
  /** What the issuer vouched for. */
  readonly token: ToldToken | undefined;
  /** The client of a token request without a token. */
  readonly client: string | undefined;
  /** The token as it was sent, if the request is here. */
  readonly sent: SentToken | undefined;
  readonly boundBy: string | undefined;
  readonly person: { readonly user?: string | undefined; readonly email?: string | undefined } | undefined;
}

export interface ToldPeer {
  readonly spiffeId: string | undefined;
  /** Base64url. Not in the log. */
  readonly thumbprint: string | undefined;
  readonly from: string | undefined;
  readonly via: string | undefined;
}

export interface ToldToken {
  /** The name in the configuration. Undefined if the configuration has no issuer with its `iss`. */
  readonly issuer: string | undefined;
  readonly iss: string | undefined;
  readonly kind: string | undefined;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  /** The names of its actors, the current one first. Undefined if they cannot be read. */
  readonly actors: readonly string[] | undefined;
  readonly serviceAccount: string | undefined;
  readonly pod: string | undefined;
  readonly algorithm: string | undefined;
  readonly kid: string | undefined;
  /** Not in the log. */
  readonly audiences: readonly string[] | undefined;
  readonly expiresAt: number | undefined;
  readonly confirmation: unknown;
  readonly claims: JsonObject | undefined;
}

/** Everything about a check that was tried here. */
export function toldByTrial({ decision, evidence }: Tried): Told {
  const { effect, found } = decision;
  const refused = refusedIn(decision);
  const { request, destination } = evidence;
  const { peer, token } = found;
  const sent = presentedToken(evidence, found.rule);
  return {
    effect,
    reason: refused?.reason ?? decision.reason,
    detail: refused?.detail,
    rule: found.rule?.name,
    method: request?.method,
    host: request?.host,
    path: found.path ?? request?.path.split(/[?#]/, 1)[0],
    destination: destination.principal || undefined,
    peer: peer && {
      spiffeId: peer.spiffeId?.uri,
      thumbprint: peer.thumbprint,
      from: peer.source,
      via: peer.via?.uri,
    },
    token: token && toldToken(token, sent),
    client: found.client,
    sent,
    boundBy: found.boundBy satisfies BindingName | undefined,
    person: found.person,
  };
}

/** A token whose keys are elsewhere was judged with another key, so its own header is shown. */
function toldToken(token: VerifiedToken, sent: SentToken | undefined): ToldToken {
  const { serviceAccount: account } = token;
  const { alg, kid } = sent?.jws?.header ?? {};
  return {
    ...token,
    algorithm: filledText(alg) ?? token.algorithm,
    kid: filledText(kid) ?? token.kid,
    actors: actorNames(token),
    serviceAccount: account && `${account.namespace}/${account.name}`,
    pod: account?.pod && `${account.namespace}/${account.pod}`,
  };
}

/**
 * What a line of the log says. A line of the mode that only observes says what it would have been.
 * @returns undefined if the reason is unknown, as in a line of a later version
 */
export function toldByLine(line: DecisionLine, { config, files }: CheckedConfig): Told | undefined {
  const reason = line.would_deny ?? line.reason;
  if (!isReason(reason)) return undefined;
  const { effect } = line;
  const iss = line.issuer;
  const issuer = Object.entries(config.issuers).find(
    ([, one]) => iss && expectedIss(one, files) === iss,
  )?.[0];
  const hasToken = [line.subject, line.issuer, line.token_kind, line.alg].some(
    (field) => field !== undefined,
  );
  return {
    ...{ effect, reason },
    detail: line.detail,
    rule: line.rule,
    method: line.method,
    host: line.host,
    path: line.path,
    destination: line.destination,
    peer:
      line.peer_from === undefined && line.spiffe_id === undefined
        ? undefined
        : { spiffeId: line.spiffe_id, thumbprint: undefined, from: line.peer_from, via: line.via },
    token: hasToken
      ? {
          ...{ issuer, iss },
          kind: line.token_kind,
          subject: line.subject,
          clientId: line.client_id,
          scopes: line.scopes ?? [],
          actors: [...(line.actor === undefined ? [] : [line.actor]), ...(line.prior_actors ?? [])],
          serviceAccount: line.service_account,
          pod: line.pod && `${line.service_account?.split('/', 1)[0] ?? ''}/${line.pod}`,
          algorithm: line.alg,
          kid: line.kid,
          audiences: undefined,
          expiresAt: undefined,
          confirmation: undefined,
          claims: undefined,
        }
      : undefined,
    client: hasToken ? undefined : line.client_id,
    sent: undefined,
    boundBy: line.bound_by,
    person: undefined,
  };
}

function isReason(name: string): name is ReasonName {
  return Object.hasOwn(reasons, name);
}
