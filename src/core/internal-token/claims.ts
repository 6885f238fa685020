import type { JsonObject } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import type { BindingName } from '../binding/bind.ts';
import { Denial } from '../denial.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import { type Actor, readActors } from '../token/actors.ts';
import { senderId } from '../token/sender-id.ts';
import type { VerifiedToken } from '../token/verified-token.ts';

/** What an internal token says of a request. Without time and ID, which each token has of its own. */
export type StatedClaims = Readonly<Record<string, unknown>>;

/** What it is made from. */
export interface StatedFacts {
  readonly token?: VerifiedToken | undefined;
  readonly peer?: VerifiedPeer | undefined;
  readonly boundBy?: BindingName | undefined;
  /** The workload identity token of the sender, if it is not `token` itself. */
  readonly sender?: VerifiedToken | undefined;
}

/** The settings that its claims depend on. */
export interface StatedBy {
  /** `iss`. */
  readonly issuer: string;
  /** `aud` of a Transaction Token. */
  readonly trustDomain: string | undefined;
}

/** A form of internal token. */
interface Format {
  /** `typ` of the header (RFC 8725 §3.11). Nothing else has it, so no verifier takes the token for an access token. */
  readonly typ: string;
  readonly idClaim: 'jti' | 'txn';
  /** @param destination whom the request is for, never empty */
  readonly state: (proven: Proven, destination: string, by: StatedBy) => StatedClaims;
}

/** What was proven of an allowed request with a token. */
interface Proven {
  readonly subject: string;
  readonly clientId: string | undefined;
  readonly scope: string;
  readonly act: JsonObject | undefined;
  /** `iss` of the token that the request brought. */
  readonly tokenIssuer: string | undefined;
  readonly spiffeId: string | undefined;
  readonly boundBy: string | undefined;
}

/** One row for each value of `identity.token.format`. */
export const formats = {
  jwt: {
    typ: 'peerproof+jwt',
    idClaim: 'jti',
    state: ({ subject, clientId, scope, act, ...proven }, destination, { issuer }) => ({
      ...{ iss: issuer, aud: destination, sub: subject, client_id: clientId },
      ...{ scope: scope || undefined, act },
      ...{ token_iss: proven.tokenIssuer, spiffe_id: proven.spiffeId, bound_by: proven.boundBy },
    }),
  },
  /** draft-ietf-oauth-transaction-tokens-10 §5. `req_wl` is the workload that asked: the one that was called. */
  'txn-token': {
    typ: 'txntoken+jwt',
    idClaim: 'txn',
    state: ({ subject, clientId, scope, act, ...proven }, destination, { issuer, trustDomain }) => ({
      ...{ iss: issuer, aud: trustDomain, sub: subject, scope, req_wl: destination },
      tctx: { client_id: clientId, act, token_iss: proven.tokenIssuer },
      rctx: { spiffe_id: proven.spiffeId, bound_by: proven.boundBy },
    }),
  },
} as const satisfies Record<string, Format>;

export type TokenFormat = keyof typeof formats;
export const tokenFormats = Object.keys(formats) as TokenFormat[];

/**
 * What a token of this form says. Malformed, with the cause, if it would say less than is needed: the request
 * brought no token, that one has no subject, its `act` cannot be read (RFC 8693 §4.1), or nobody says whom the
 * request is for. What is left out is never more than was proven.
 */
export function stateClaims(
  format: TokenFormat,
  { token, peer, boundBy, sender }: StatedFacts,
  destination: string | undefined,
  by: StatedBy,
): StatedClaims | Malformed {
  if (!token) return noToken;
  if (!token.subject) return noSubject;
  if (!destination) return noDestination;
  const actors = readActors(token);
  if (actors instanceof Denial) return noActor;
  return formats[format].state(
    {
      subject: token.subject,
      clientId: token.clientId,
      // An entry of a list can hold a space. It would look like two scopes.
      scope: token.scopes.filter((scope) => scopeForm.test(scope)).join(' '),
      act: actOf(actors),
      tokenIssuer: token.iss,
      spiffeId: senderId({ token, sender, peer }),
      boundBy,
    },
    destination,
    by,
  );
}

// Made once, because a check may come here each time.
const noToken = new Malformed('the request brought no token');
const noSubject = new Malformed('the token of the request has no subject');
const noDestination = new Malformed(
  'no proxy states the destination, and identity.token.audiences does not name the host',
);
const noActor = new Malformed('act of the token cannot be read');

/** `scope-token` of RFC 6749 §3.3. */
const scopeForm = /^[!#-[\]-~]+$/;

/** The chain as a claim, with the names of the actors only. */
function actOf(actors: readonly Actor[]): JsonObject | undefined {
  return actors.reduceRight<JsonObject | undefined>(
    (act, { subject, iss, clientId }) => ({ sub: subject, iss, client_id: clientId, act }),
    undefined,
  );
}
