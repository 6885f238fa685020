import type { ServerResponse } from 'node:http';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { protection } from './answer.ts';
import type { Shows } from './filter.ts';

/** A decision, and its JSON. */
export interface LiveLine {
  readonly line: DecisionLine;
  readonly text: string;
}

/** Characters of one message, and bytes that may wait for a client. */
const mostWritten = 131_072;
const mostWaiting = 262_144;
/** Looks without a message until a client hears that we are here, and until one that does not read is gone. */
const heartbeat = 60;
const patience = 240;

/**
 * One client of the stream of decisions (server-sent events). If it does not read, lines are left out and
 * counted: it hears their number as soon as it reads again. One that has not read for a minute is closed.
 */
export class LiveClient {
  readonly #response: ServerResponse;
  readonly #shows: Shows;
  #left = 0;
  #silent = 0;
  #blocked = 0;

  constructor(response: ServerResponse, shows: Shows) {
    this.#response = response;
    this.#shows = shows;
    response.writeHead(200, { ...protection, 'content-type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
  }

  close(): void {
    this.#response.destroy();
  }

  /** @param left lines that were not looked at */
  add(lines: readonly LiveLine[], left: number): void {
    const shown = lines.filter(({ line, text }) => this.#shows(line, text));
    if (this.#response.writableLength > mostWaiting) {
      this.#left += shown.length + left;
      if (++this.#blocked > patience) this.close();
      return;
    }
    this.#blocked = 0;
    let length = 0;
    // The newest ones are worth more.
    const tooLong = shown.findLastIndex(({ text }) => {
      length += text.length;
      return length > mostWritten;
    });
    this.#write(shown.slice(tooLong + 1), this.#left + left + tooLong + 1);
    this.#left = 0;
  }

  #write(lines: readonly LiveLine[], left: number): void {
    if (lines.length === 0 && left === 0) {
      if (++this.#silent % heartbeat === 0) this.#response.write(': still here\n\n');
      return;
    }
    this.#silent = 0;
    const texts = lines.map(({ text }) => text).join(',');
    this.#response.write(`data: {"left":${left},"lines":[${texts}]}\n\n`);
  }
}
