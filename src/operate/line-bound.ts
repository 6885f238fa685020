export interface LineBoundOptions {
  /** Counts a line that is left out. */
  readonly onLeftOut: () => void;
  /** Says how many lines were left out since it was last called. */
  readonly report: (leftOut: number) => void;
  /** Calls a function after a period. */
  readonly later?: (report: () => void) => void;
}

/** Milliseconds from the first line that is left out to the report. */
const period = 10_000;

/**
 * Bounds the lines of one second. The function that it returns says whether there is room for a line at a
 * time, in milliseconds. The first lines of a second are written. Those behind them are counted, and reported
 * once a period. What is left out in the last period of the process is **not** reported.
 */
export function createLineBound(
  most: number,
  { onLeftOut, report, later = (call) => setTimeout(call, period).unref() }: LineBoundOptions,
): (now: number) => boolean {
  let second = Number.NaN;
  let written = 0;
  let leftOut = 0;
  const tell = () => {
    report(leftOut);
    leftOut = 0;
  };
  return (now) => {
    const current = Math.floor(now / 1_000);
    if (current !== second) {
      second = current;
      written = 0;
    }
    if (written < most) {
      written++;
      return true;
    }
    onLeftOut();
    if (leftOut === 0) later(tell);
    leftOut++;
    return false;
  };
}
