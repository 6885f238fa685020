import { isRecord, type JsonObject } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import { longestValue, type Revocation, revocationKinds, sinceEpoch } from './revocation.ts';

/** The most characters of the name of an issuer, and of the one who revoked. */
const longestName = 256;

/** A revocation as JSON. A person can read its times. */
export function writeRevocation({ kind, value, issuer, issuedBefore, until, by }: Revocation): JsonObject {
  return {
    kind,
    ...(kind !== 'all' && { value }),
    ...(issuer !== undefined && { issuer }),
    ...(issuedBefore !== undefined && { issuedBefore: formatTime(sinceEpoch(issuedBefore)) }),
    until: formatTime(sinceEpoch(until)),
    by,
  };
}

/**
 * Reads what `writeRevocation` has made, or a person. Malformed if a member is missing, too long or unknown:
 * an entry that is understood in part could revoke something else.
 */
export function readRevocation(written: unknown): Revocation | Malformed {
  if (!isRecord(written)) return new Malformed('is not an object');
  const { issuedBefore, until, ...others } = written;
  const [before, end] = [parseTime(issuedBefore), parseTime(until)];
  if (end === undefined) return new Malformed('until must be a time, such as 2026-12-01T12:00:00Z');
  if (issuedBefore !== undefined && before === undefined)
    return new Malformed('issuedBefore must be a time, such as 2026-12-01T12:00:00Z');
  return checkRevocation(others, before, end);
}

/** Checks the members that are texts. */
export function checkRevocation(
  { kind, value = '', issuer, by = '', ...others }: JsonObject,
  issuedBefore: number | undefined,
  until: number,
): Revocation | Malformed {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return new Malformed(`has an unknown member: ${JSON.stringify(unknown)}`);
  const known = revocationKinds.find((one) => one === kind);
  if (known === undefined) return new Malformed(`kind must be one of ${revocationKinds.join(', ')}`);
  if (!isText(value, longestValue)) return new Malformed(`value must have 1 to ${longestValue} characters`);
  if ((kind === 'all') !== (value === ''))
    return new Malformed(kind === 'all' ? 'kind all has no value' : 'value is missing');
  // A line break would make two names one, see `nameOf`.
  if (issuer !== undefined && (!isText(issuer, longestName) || issuer === '' || issuer.includes('\n')))
    return new Malformed('issuer must be the name of an issuer');
  if (!isText(by, longestName)) return new Malformed(`by must have at most ${longestName} characters`);
  if (kind === 'all' && issuedBefore === undefined) return new Malformed('kind all needs issuedBefore');
  // All members in one order, also those that are undefined: V8 then keeps all entries in one shape.
  return { kind: known, value, issuer, issuedBefore, until, by };
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}
