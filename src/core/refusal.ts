import type { Refusing } from './decision.ts';
import type { Hint } from './denial.ts';
import type { Findings } from './findings.ts';
import { type Reason, reasons } from './reasons.ts';
import { isOfClient } from './token/credential.ts';
import { wptChallenge } from './token/wit-carriers.ts';

/** What WWW-Authenticate says, whatever the refusal. */
export interface ChallengeStyle {
  readonly realm: string;
  /** The algorithms of DPoP proofs. */
  readonly dpopAlgorithms: readonly string[];
}

/** How a refusal is written. */
export interface RefusalStyle extends ChallengeStyle {
  /** `explained`: JSON with error, text and decision ID; `empty`: `{}`; `text`: the status in words. */
  readonly body: keyof typeof bodies;
}

const statusText: Readonly<Record<Reason['status'], string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** One row for each style. The last two are those of oauth2-proxy. */
const bodies = {
  explained: (_status: Reason['status'], explanation: object) => [
    'application/json',
    JSON.stringify(explanation),
  ],
  empty: () => ['application/json', '{}'],
  text: (status: Reason['status']) => ['text/plain; charset=utf-8', `${statusText[status]}\n`],
} as const;

/** A refusal as the caller sees it, through any door. */
export interface Refusal {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/**
 * The answer to a decision that refuses: status and text from the table of reasons, a challenge for each scheme
 * (see `challenges`), Retry-After for an outage (RFC 9110 §10.2.3), and the nonce that the next proof must hold
 * (RFC 9449 §8). `x-decision-id` names the line of the log, also where the body does not. Contains nothing that
 * was presented.
 */
export function createRefusal(decision: Refusing, style: RefusalStyle): Refusal {
  const { status, text, ...row }: Reason = reasons[decision.reason];
  const { found, hint } = decision;
  // At a token endpoint a bad token means that the client could not authenticate (RFC 6749 §5.2). A Bearer
  // challenge would be wrong there.
  const credential = found.rule?.credential;
  const ofClient = isOfClient(credential);
  const ofScheme = (found.scheme === 'dpop' && row.dpopError) || row.error;
  const error = ofClient && row.error === 'invalid_token' ? 'invalid_client' : ofScheme;
  const [contentType = '', body = ''] = bodies[style.body](status, {
    error: error || 'unauthorized',
    error_description: text,
    decision_id: decision.id,
  });
  const headers: [string, string][] = [
    ['content-type', contentType],
    ['cache-control', 'no-store'],
  ];
  // A failure outside of a check has no ID.
  if (decision.id) headers.push(['x-decision-id', decision.id]);
  if (credential === 'wit') {
    if (status === 401) headers.push(['www-authenticate', wptChallenge]);
  } else if (
    !ofClient &&
    error !== 'invalid_client' &&
    (status === 401 || error === 'insufficient_scope' || error === 'invalid_request')
  )
    headers.push(['www-authenticate', challenges(found, { ...style, error, text, hint })]);
  if (hint?.nonce !== undefined) headers.push(['dpop-nonce', hint.nonce]);
  if (decision.retryAfter !== undefined)
    headers.push(['retry-after', String(Math.max(1, Math.ceil(decision.retryAfter)))]);
  return { status, headers, body };
}

interface Challenge extends ChallengeStyle {
  readonly error: string;
  readonly text: string;
  readonly hint: Hint | undefined;
}

/**
 * A challenge for each scheme that the rule accepts: Bearer (RFC 6750 §3), and DPoP (RFC 9449 §7.1) if the rule
 * lists this proof. Only the one of the scheme that was sent has an error; if it is not accepted, the other one.
 * Each says where the document about the resource is (RFC 9728 §5.1), if it is configured.
 */
function challenges({ rule, scheme, resource }: Findings, challenge: Challenge): string {
  const realm = `realm="${challenge.realm}"`;
  const document = resource ? `, resource_metadata="${resource.documentUrl}"` : '';
  const failure = failureOf(challenge);
  const bearer = (why = '') => `Bearer ${realm}${why}${document}`;
  if (!rule?.binding.includes('dpop')) return bearer(failure);
  const algorithms = challenge.dpopAlgorithms.join(' ');
  const dpop = (why = '') => `DPoP ${realm}, algs="${algorithms}"${why}${document}`;
  if (rule.binding.length === 1) return dpop(failure);
  return scheme === 'dpop' ? `${dpop(failure)}, ${bearer()}` : `${bearer(failure)}, ${dpop()}`;
}

/** Nothing if no credentials were sent (RFC 6750 §3.1, last paragraph). */
function failureOf({ error, text, hint }: Challenge): string {
  const failure = error ? `, error="${error}", error_description="${text}"` : '';
  return hint?.scope ? `${failure}, scope="${hint.scope}"` : failure;
}
