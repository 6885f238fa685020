/** `YYYYMMDDHHMMSSZ` in milliseconds since the epoch; undefined where it is no time, such as a 13th month. */
export function utcTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // The 31st of a month with 30 days would become the first of the next one.
  return Number.isNaN(time) || new Date(time).getUTCDate() !== Number(day) ? undefined : time;
}

/** A time for the log, of milliseconds since the epoch. Any number at all may come from a claim. */
export function formatTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds / 1000} s` : date.toISOString();
}
