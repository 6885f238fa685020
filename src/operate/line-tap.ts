import type { LineDestination } from './log-destination.ts';

/** Lines about refusals that are kept, so that the console can show what went wrong before it was opened. */
const mostKept = 256;

/**
 * Passes the lines of the log on, and lets the console read them as well. While `isOn` is false, a line costs
 * one comparison. It never waits for its reader.
 */
export class LineTap implements LineDestination {
  readonly #log: LineDestination;
  readonly #kept: string[] = [];
  #next = 0;
  /** Whether there is a console. */
  isOn = false;
  /** Called with each line, while somebody looks. Must return at once. */
  reader: ((line: string) => void) | undefined;

  constructor(log: LineDestination) {
    this.#log = log;
  }

  get queue(): LineDestination['queue'] {
    return this.#log.queue;
  }

  write(line: string): void {
    this.#log.write(line);
    if (!this.isOn) return;
    if (!isOrdinary(line)) {
      this.#kept[this.#next] = line;
      this.#next = (this.#next + 1) % mostKept;
    }
    this.reader?.(line);
  }

  /** The last lines that are more than an allow, the oldest first. Also those about the service. */
  kept(): readonly string[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)];
  }
}

/** Whether a line has the lowest level, in either format. The level stands near its beginning. */
export function isOrdinary(line: string): boolean {
  return line.startsWith('{"level":30,') || line.slice(0, 200).includes('"log.level":"info"');
}
