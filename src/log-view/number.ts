/** A count with separators. A sampled log makes counts that are not whole. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A part of a whole in percent, with one digit behind the point. */
export function formatShare(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(1)} %`;
}
