/** How far long work is. */
export interface Progress {
  /** Says what is done. `total`: undefined if nobody knows. */
  step(done: number, total?: number): void;
  /** Removes the line. Nothing is shown after it. */
  end(): void;
}

/** Milliseconds. Shorter work shows nothing, and a line stays readable. */
const patience = 700;
const every = 100;

const silent: Progress = { step: () => undefined, end: () => undefined };

/** Shows one line about work that takes long, and only on a terminal: a file or a pipe gets nothing. */
export function startProgress(
  what: string,
  output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  clock: () => number = performance.now.bind(performance),
): Progress {
  if (!output.isTTY) return silent;
  let next = clock() + patience;
  let isShown = false;
  const show = (text: string) => {
    isShown = true;
    output.write(`\r\x1b[K${text}`);
  };
  const timer = setTimeout(() => show(`${what} …`), patience).unref();
  return {
    // Work without a pause never lets the timer run.
    step(done, total) {
      const now = clock();
      if (now < next) return;
      next = now + every;
      show(`${what}: ${done}${total === undefined ? '' : ` of ${total}`} …`);
    },
    end() {
      clearTimeout(timer);
      next = Number.POSITIVE_INFINITY;
      if (isShown) output.write('\r\x1b[K');
    },
  };
}
