const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `10m` (before `now`) or an ISO time, in milliseconds since the epoch. A time without a zone is UTC,
 * as in the log. Undefined if the text is neither.
 */
export function parseSince(text: string, now: number): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (units[unit] ?? 0);
  const [, date, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const parsed = Date.parse(`${date}${time}${zone}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
