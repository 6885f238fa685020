/** The milliseconds of each unit. */
const units: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
const mostDigits = 8;

/**
 * Reads `grpc-timeout`: at most eight digits and a unit. Returns milliseconds. A malformed value is ignored,
 * and our own limit counts. An error would be a lost answer, and failure_mode_allow would let the request in.
 */
export function timeoutOf(text: string | readonly string[] | undefined): number {
  if (typeof text !== 'string' || text.length < 2 || text.length > mostDigits + 1)
    return Number.POSITIVE_INFINITY;
  const unit = units[text.slice(-1)];
  if (unit === undefined) return Number.POSITIVE_INFINITY;
  let count = 0;
  for (let at = 0; at < text.length - 1; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.POSITIVE_INFINITY;
    count = count * 10 + digit;
  }
  return count * unit;
}
