import { listed, valueText } from '../../lib/excerpt.ts';
import { isRecord, type JsonObject } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { type Soon, whenHere } from '../../lib/soon.ts';
import { Denial } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import type { RefusalReason } from '../reasons.ts';
import { parseJws } from '../token/jws.ts';
import { type Signed, verifySignature } from '../token/signature.ts';
import { type EventError, EventRefusal, type Transmitter } from './transmitter.ts';

/** A security event token that its transmitter vouches for. What its events mean is **not** looked at. */
export interface VerifiedEvent {
  readonly jti: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** The subject of all its events, if it has one (`sub_id`, RFC 9493 §4.1). */
  readonly subject: unknown;
  /** By the URI of the type. */
  readonly events: readonly (readonly [type: string, event: JsonObject])[];
}

/** Bytes of the largest token. */
export const largestEvent = 65_536;
const longestJti = 512;
const mostEvents = 16;

/**
 * Verifies a security event token (RFC 8417 §2.2) of this transmitter: size, form, `typ` `secevent+jwt`, `iss`,
 * signature, `aud`, `iat` not older than allowed and not in the future, `jti`, and 1 to 16 events. So neither
 * an access token nor an ID token of the same issuer passes. Does **not** check whether it came before.
 * @throws DependencyError if the keys of the transmitter are not available
 */
export function verifyEvent(
  text: string,
  transmitter: Transmitter,
  moment: Moment,
): Soon<VerifiedEvent | EventRefusal> {
  if (text.length > largestEvent) return invalid(`the token is larger than ${largestEvent} bytes`);
  const jws = parseJws(text);
  if (jws instanceof Malformed) return invalid(jws.why);
  const { typ } = jws.header;
  if (typeof typ !== 'string' || !/^(?:application\/)?secevent\+jwt$/i.test(typ))
    return invalid(`typ is ${valueText(typ)}, and must be secevent+jwt`);
  const { issuer } = transmitter;
  if (jws.payload.iss !== issuer.iss)
    return new EventRefusal('invalid_issuer', `iss is ${valueText(jws.payload.iss, 120)}`);
  return whenHere(verifySignature(jws, issuer, moment), (signed) =>
    signed instanceof Denial ? refusalOf(signed) : readEvent(signed, transmitter, moment.now),
  );
}

function readEvent(
  { token }: Signed,
  { issuer, maxAge }: Transmitter,
  now: number,
): VerifiedEvent | EventRefusal {
  const { audiences, claims, expiresAt } = token;
  if (!audiences.some((audience) => issuer.audiences.includes(audience)))
    return new EventRefusal('invalid_audience', `aud is ${listed(audiences) || 'missing'}`);
  const { iat, jti, events, sub_id: subject } = claims;
  if (typeof iat !== 'number') return invalid('iat is missing');
  const issuedAt = iat * 1000;
  if (issuedAt > now + issuer.clockSkew) return invalid('iat is in the future');
  if (issuedAt < now - maxAge || (expiresAt !== undefined && expiresAt + issuer.clockSkew <= now))
    return invalid('the token is too old');
  if (typeof jti !== 'string' || jti === '' || jti.length > longestJti)
    return invalid(`jti must have 1 to ${longestJti} characters`);
  const list = isRecord(events) ? Object.entries(events) : [];
  if (list.length === 0 || list.length > mostEvents)
    return invalid(`events must have 1 to ${mostEvents} members`);
  if (!list.every((one): one is [string, JsonObject] => isRecord(one[1])))
    return invalid('an event is not an object');
  return { jti, issuedAt, subject, events: list };
}

function invalid(why: string): EventRefusal {
  return new EventRefusal('invalid_request', why);
}

/** For reasons that mean something else than a malformed token. */
const errors: Partial<Readonly<Record<RefusalReason, EventError>>> = {
  token_algorithm_not_allowed: 'invalid_key',
  token_key_unknown: 'invalid_key',
  token_signature_invalid: 'invalid_key',
  token_issuer_unknown: 'invalid_issuer',
};

function refusalOf({ reason, detail }: Denial): EventRefusal {
  return new EventRefusal(errors[reason] ?? 'invalid_request', detail ?? reason);
}
