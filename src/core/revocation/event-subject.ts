import { isRecord, type JsonObject, listOf } from '../../lib/json.ts';
import { longestValue, type RevocationKind, type RevocationName } from './revocation.ts';
import type { Transmitter } from './transmitter.ts';

/** Identifiers of one subject that are read (`aliases`, RFC 9493 §3.2.8). */
const mostAliases = 8;

type Issuers = Transmitter['speaksFor'];
type Read = (subject: JsonObject, issuers: Issuers) => readonly RevocationName[];

/**
 * What a subject of an event names in tokens of the issuers that the transmitter may speak for (RFC 9493 §3;
 * complex subjects: SSF §3.3). Empty if nothing of it stands in tokens: an e-mail address or a telephone
 * number may belong to another user of another issuer, and a tenant is nobody.
 */
export function namesOfSubject(subject: unknown, issuers: Issuers): readonly RevocationName[] {
  if (!isRecord(subject)) return [];
  const { format } = subject;
  const read = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  return read?.(subject, issuers) ?? [];
}

/** One row for each format. */
const formats: Readonly<Record<string, Read>> = {
  iss_sub: ({ iss, sub }, issuers) => ofIssuer('subject', iss, sub, issuers),
  jwt_id: ({ iss, jti }, issuers) => ofIssuer('jti', iss, jti, issuers),
  opaque: ({ id }, issuers) => ofEach('subject', id, issuers),
  uri: ({ uri }, issuers) =>
    typeof uri === 'string' && uri.startsWith('spiffe://') ? ofEach('spiffeId', uri, issuers) : [],
  aliases: ({ identifiers }, issuers) =>
    listOf(identifiers)
      .slice(0, mostAliases)
      // Aliases do not nest (RFC 9493 §3.2.8).
      .flatMap((one) => (isRecord(one) && one.format === 'aliases' ? [] : namesOfSubject(one, issuers))),
  complex: readComplex,
};

/**
 * All members together name the subject. The narrowest that stands in tokens is used: the session, else the
 * user, else the application. So more may be revoked than is named, such as all devices of a user.
 */
function readComplex(
  { session, user, application }: JsonObject,
  issuers: Issuers,
): readonly RevocationName[] {
  const sessions = namesOfSubject(session, issuers).map((name) => as('session', name));
  if (sessions.length > 0) return sessions;
  const users = isRecord(user) && user.format === 'complex' ? [] : namesOfSubject(user, issuers);
  return users.length > 0 ? users : namesOfSubject(application, issuers).map((name) => as('client', name));
}

function as(kind: RevocationKind, name: RevocationName): RevocationName {
  return name.kind === 'subject' ? { ...name, kind } : name;
}

/** Empty if the transmitter may not speak for the issuer. */
function ofIssuer(
  kind: RevocationKind,
  iss: unknown,
  value: unknown,
  issuers: Issuers,
): readonly RevocationName[] {
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;
  return issuer !== undefined && isValue(value) ? [{ kind, value, issuer }] : [];
}

function ofEach(kind: RevocationKind, value: unknown, issuers: Issuers): readonly RevocationName[] {
  return isValue(value) ? [...issuers.values()].map((issuer) => ({ kind, value, issuer })) : [];
}

function isValue(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestValue;
}
