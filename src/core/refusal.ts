import type { Refusing } from './decision.ts';
import { type Reason, reasons } from './reasons.ts';
import { isOfClient } from './token/credential.ts';
import { wptChallenge } from './token/wit-carriers.ts';

/** How a refusal is written. */
export interface RefusalStyle {
  /** For WWW-Authenticate. */
  readonly realm: string;
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
 * The answer to a decision that refuses: status and text from the table of reasons, a challenge as
 * RFC 6750 §3 or draft-ietf-wimse-wpt-02 §2.1 defines it, Retry-After for an outage (RFC 9110 §10.2.3). `x-decision-id` names the line of the
 * log, also where the body does not. Contains nothing that was presented.
 */
export function createRefusal(decision: Refusing, { realm, body: style }: RefusalStyle): Refusal {
  const { status, text, ...row } = reasons[decision.reason];
  // At a token endpoint a bad token means that the client could not authenticate (RFC 6749 §5.2). A Bearer
  // challenge would be wrong there.
  const credential = decision.found.rule?.credential;
  const ofClient = isOfClient(credential);
  const error = ofClient && row.error === 'invalid_token' ? 'invalid_client' : row.error;
  const [contentType = '', body = ''] = bodies[style](status, {
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
    headers.push(['www-authenticate', challenge(realm, error, text, decision)]);
  if (decision.retryAfter !== undefined)
    headers.push(['retry-after', String(Math.max(1, Math.ceil(decision.retryAfter)))]);
  return { status, headers, body };
}

/**
 * Without an error if no credentials were sent (RFC 6750 §3.1, last paragraph). Says where the document about
 * the resource is (RFC 9728 §5.1), if it is configured.
 */
function challenge(realm: string, error: string, text: string, { scope, found }: Refusing): string {
  const parts = [`realm="${realm}"`];
  if (error) parts.push(`error="${error}"`, `error_description="${text}"`);
  if (scope) parts.push(`scope="${scope}"`);
  if (found.resource) parts.push(`resource_metadata="${found.resource.documentUrl}"`);
  return `Bearer ${parts.join(', ')}`;
}
