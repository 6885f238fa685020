/** `YYYYMMDDHHMMSSZ` in milliseconds since the epoch. Undefined if it is not a time, such as a 13th month. */
export function utcTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // The 31st of a month with 30 days would become the first of the next month.
  return Number.isNaN(time) || new Date(time).getUTCDate() !== Number(day) ? undefined : time;
}

/** A time for the log, from milliseconds since the epoch. A claim may hold any number. */
export function formatTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds / 1000} s` : date.toISOString();
}

/** A time with its zone (RFC 3339), in milliseconds since the epoch. Undefined if it is not one. */
export function parseTime(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
