/** Microseconds as milliseconds, with three digits at most after the zeros: `0.12`, `41.3`. */
export function formatMilliseconds(microseconds: number): string {
  return `${Number((microseconds / 1_000).toPrecision(3))}`;
}
