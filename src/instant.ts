/** A time for the log, of milliseconds since the epoch. Any number at all may come from a claim. */
export function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds / 1000} s` : date.toISOString();
}
