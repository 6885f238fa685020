import type { WriteStream } from 'node:tty';
import type { Output } from './output.ts';

/** Milliseconds between two pictures. */
const pause = 1_000;

const home = '\x1b[H';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';
/** A terminal that breaks lines would need more rows than there are lines. */
const cutLines = '\x1b[?7l';
const breakLines = '\x1b[?7h';

/**
 * Shows lines at the top of a terminal, and again each second.
 * @returns a function that ends it and clears the place
 */
export function startScreen(
  show: () => readonly string[],
  terminal: WriteStream,
  output: Output,
): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  let isIdle = true;
  const paint = (text: string): void => {
    isIdle = false;
    // A terminal that is gone ends the reading at the last write.
    underWay = output.write(text).catch(() => undefined);
    underWay.then(() => {
      isIdle = true;
    });
  };
  const refresh = (): void => {
    if (!isIdle) return;
    const lines = show().slice(0, Math.max(terminal.rows - 1, 1));
    const text = lines.map((line) => `${line}${clearLine}\n`).join('');
    paint(`${home}${cutLines}${text}${breakLines}${clearBelow}`);
  };
  refresh();
  const timer = setInterval(refresh, pause);
  return async () => {
    clearInterval(timer);
    await underWay;
    await output.write(`${home}${clearBelow}`);
  };
}
