import type { JsonObject } from '../../lib/json.ts';
import { namesOfSubject } from './event-subject.ts';
import { type Revocation, sinceEpoch } from './revocation.ts';
import { EventRefusal, type Transmitter } from './transmitter.ts';
import type { VerifiedEvent } from './verify-event.ts';

/** What the events of one token come to. */
export interface EventMeaning {
  readonly revocations: readonly Revocation[];
  /** Types of events that are known and revoke nothing by themselves. */
  readonly understood: number;
  /** Events that mean nothing here: the type is unknown, or nothing of the subject stands in tokens. */
  readonly ignored: number;
}

const caep = 'https://schemas.openid.net/secevent/caep/event-type/';
const risc = 'https://schemas.openid.net/secevent/risc/event-type/';
const ssf = 'https://schemas.openid.net/secevent/ssf/event-type/';

/** Whether an event of a type revokes what its subject names. One row for each type. */
const types: Readonly<Record<string, (event: JsonObject) => boolean>> = {
  [`${caep}session-revoked`]: () => true,
  // A new credential beside the others says nothing against tokens that were issued before.
  [`${caep}credential-change`]: ({ change_type: change }) => change !== 'create',
  // Tokens still hold the claims of before.
  [`${caep}token-claims-change`]: () => true,
  [`${risc}account-disabled`]: () => true,
  [`${risc}account-purged`]: () => true,
  [`${risc}credential-compromise`]: () => true,
  // The transmitter only tries whether its tokens arrive.
  [`${ssf}verification`]: () => false,
  [`${ssf}stream-updated`]: () => false,
};

/** Revocations that one token may cause. */
const mostRevocations = 64;

/**
 * Reads the events of a token (CAEP 1.0 §3, RISC 1.0 §2, SSF 1.0 §7). An event counts from its own time, but never from the
 * future: a session, and a `jti`, are revoked for good, and of a user only the tokens that were issued before.
 */
export function revocationsOfEvent(
  { subject: ofAll, issuedAt, events }: VerifiedEvent,
  { name, speaksFor, keep }: Transmitter,
  now: number,
): EventMeaning | EventRefusal {
  const revocations: Revocation[] = [];
  let [understood, ignored] = [0, 0];
  for (const [type, event] of events) {
    const revokes = Object.hasOwn(types, type) ? types[type]?.(event) : undefined;
    const names = revokes ? namesOfSubject(event.subject ?? ofAll, speaksFor) : [];
    if (revokes === false) understood++;
    else if (names.length === 0) ignored++;
    const { event_timestamp: at } = event;
    const stated = typeof at === 'number' && Number.isFinite(at) ? at * 1000 : issuedAt;
    const time = sinceEpoch(Math.min(now, stated));
    const by = `transmitter ${name}: ${type.slice(type.lastIndexOf('/') + 1)}`;
    for (const named of names) {
      const isForGood = named.kind === 'session' || named.kind === 'jti';
      revocations.push({ ...named, issuedBefore: isForGood ? undefined : time, until: now + keep, by });
    }
  }
  if (revocations.length > mostRevocations)
    return new EventRefusal('invalid_request', `the token names more than ${mostRevocations} subjects`);
  return { revocations, understood, ignored };
}
