import type { OnStep } from '../lib/on-step.ts';

/** How far long work is. */
export interface Progress {
  /** Says what is done. Work without a pause must call it often: no timer runs meanwhile. */
  readonly step: OnStep;
  /** Removes the line, so that other lines can be written. The next step shows it again. */
  clear(): void;
  /** Removes the line for good. */
  end(): void;
}

/** Milliseconds. Shorter work shows nothing, and a line stays readable. */
const patience = 1_000;
const every = 100;

/** Where a line would disturb, such as a person who types. */
export const noProgress: Progress = { step: () => undefined, clear: () => undefined, end: () => undefined };

/**
 * Shows one line about work that takes long, and only to a person: a file, a pipe and a CI system get nothing,
 * and a terminal that cannot remove a line does not either.
 * @param what is done until the first step
 */
export function startProgress(
  what: string,
  output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  clock: () => number = performance.now.bind(performance),
  { CI: ci, TERM: kind }: NodeJS.ProcessEnv = process.env,
): Progress {
  if (!output.isTTY || ci || kind === 'dumb') return noProgress;
  let next = clock() + patience;
  let isShown = false;
  const show = (text: string) => {
    isShown = true;
    output.write(`\r\x1b[K${text}`);
  };
  const timer = setTimeout(() => show(`${what} …`), patience).unref();
  const clear = () => {
    if (isShown) output.write('\r\x1b[K');
    isShown = false;
  };
  return {
    step(doing, done, total) {
      const now = clock();
      if (now < next) return;
      next = now + every;
      show(`${doing}: ${done}${total === undefined ? '' : ` of ${total}`} …`);
    },
    clear,
    end() {
      clearTimeout(timer);
      next = Number.POSITIVE_INFINITY;
      clear();
    },
  };
}
