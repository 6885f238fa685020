import { parseDecisionLine } from '../decision-lines/decision-line.ts';
import { Malformed } from '../lib/malformed.ts';
import type { ConsoleExchange } from '../operate/console-door.ts';
import { isOrdinary, type LineTap } from '../operate/line-tap.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import { send, text } from './answer.ts';
import type { Shows } from './filter.ts';
import { LiveClient, type LiveLine } from './live-client.ts';

/** Clients at the same time. */
const mostClients = 8;
/** Milliseconds between two looks at the lines that have come. */
const every = 250;
/** Lines that are looked at in this time: of allows, and of all others. More are left out, and counted. */
const mostOfKind = 125;

/**
 * Sends decisions to the clients that look. A line is kept until the next look, so a check does no more than
 * that, and nothing at all while nobody looks.
 */
export class Live {
  readonly #tap: LineTap;
  readonly #access: () => string;
  readonly #clients = new Map<LiveClient, string>();
  #lines: string[] = [];
  #allows = 0;
  #others = 0;
  #left = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ tap, access }: Pick<ConsoleSource, 'tap' | 'access'>) {
    this.#tap = tap;
    this.#access = () => JSON.stringify(access());
  }

  /** Resolves when the client is gone. It first gets the refusals that were kept. */
  async serve({ request, response, keepOpen }: ConsoleExchange, shows: Shows | Malformed): Promise<void> {
    if (shows instanceof Malformed) return send(response, text(400, shows.why));
    if (this.#clients.size >= mostClients)
      return send(
        response,
        text(503, `${mostClients} others look at the decisions. Close one of their pages.`),
      );
    // A client that has gone while it waited for its turn would never leave its place.
    if (request.socket.destroyed) return;
    keepOpen();
    const client = new LiveClient(response, shows);
    this.#clients.set(client, this.#access());
    client.add(readLines(this.#tap.kept()), 0);
    this.#start();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    request.socket.once('close', resolve);
    await closed;
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#stop();
  }

  #start(): void {
    if (this.#timer) return;
    this.#tap.reader = (line) => this.#keep(line);
    this.#timer = setInterval(() => this.#look(), every);
    this.#timer.unref();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tap.reader = undefined;
    this.#look();
  }

  #keep(line: string): void {
    const count = isOrdinary(line) ? ++this.#allows : ++this.#others;
    if (count > mostOfKind) this.#left++;
    else this.#lines.push(line);
  }

  #look(): void {
    const [lines, left] = [readLines(this.#lines), this.#left];
    [this.#lines, this.#left, this.#allows, this.#others] = [[], 0, 0, 0];
    const access = this.#access();
    for (const [client, before] of this.#clients) {
      // Another password, or a console that is turned off, counts at once.
      if (before === access) client.add(lines, left);
      else client.close();
    }
  }
}

/** Leaves out what is no decision. */
function readLines(lines: readonly string[]): readonly LiveLine[] {
  return lines.flatMap((written) => {
    const line = parseDecisionLine(written);
    return line ? [{ line, text: JSON.stringify(line) }] : [];
  });
}
