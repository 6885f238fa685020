import { processorSeconds } from './cores.ts';
import { responseOf } from './frame.ts';
import type { Check } from './load/connection.ts';
import { Generator, inTurn, type OpenWindow, type Window } from './load/generator.ts';
import { joined } from './load/joined.ts';
import type { Row } from './rows.ts';
import type { Server } from './servers/server.ts';

/** What one window of a row gave. */
export interface Measured extends Window {
  /** Checks a second. */
  readonly rate: number;
  /** Checks for one CPU second of the server: steadier than the rate where others use the machine. */
  readonly perCpuSecond: number;
  /** Share of its core that the server used. */
  readonly serverShare: number;
  /** Bytes that V8 allocated for a check; undefined for a server that cannot be asked. */
  readonly allocated: number | undefined;
  /** Lines that the decision log is short of. */
  readonly lostLines: number;
}

/** An answer was not what it had to be: whatever was measured beside it is void. */
export class WrongAnswer extends Error {}

/** A row with its running server. It is asked in each round. */
export class Station {
  readonly row: Row;
  readonly server: Server;
  readonly #generator: Generator;
  readonly #good: Check;
  readonly #bad: Check | undefined;
  #read = 0;
  #parts: Window[] = [];
  #cpu = 0;
  #allocatedBefore: number | undefined;

  private constructor(row: Row, server: Server, generator: Generator, good: Check) {
    this.row = row;
    this.server = server;
    this.#generator = generator;
    this.#good = good;
    this.#bad = row.bad?.();
  }

  /** Connects, and sends each token once. */
  static async open(row: Row, server: Server): Promise<Station> {
    const checks = row.checks();
    // The first one is asked out of turn. It must not be among those that come in turn if each must be new.
    const others = row.remembered === false ? checks.slice(1) : checks;
    const generator = await Generator.open(server, inTurn(others));
    const station = new Station(row, server, generator, checks[0] as Check);
    // A token is known after its first check. Few at once, because an issuer may have to be asked.
    if (row.remembered !== false)
      station.#demand(await generator.load(row.expected, { calls: others.length, atOnce: 8 }));
    return station;
  }

  /** Sends so many checks: V8 compiles what is used often. */
  async warmUp(checks: number): Promise<void> {
    this.#demand(await this.#generator.load(this.row.expected, { calls: checks }));
    await this.#settle();
  }

  /** One window in one piece. */
  async measure(milliseconds: number, warmUp: number): Promise<Measured> {
    await this.begin(warmUp);
    await this.measurePart(milliseconds);
    return this.finish();
  }

  /** Begins a window: warms up, and proves that the server decides. */
  async begin(warmUp: number): Promise<void> {
    this.#parts = [];
    this.#cpu = 0;
    this.#demand(await this.#generator.load(this.row.expected, { milliseconds: warmUp }));
    await this.#prove();
    await this.#settle();
    this.#allocatedBefore = await this.server.allocated?.();
  }

  /** A part of the window. Nothing is counted between two parts. */
  async measurePart(milliseconds: number): Promise<void> {
    const before = this.#processorSeconds();
    const began = performance.now();
    const part = await this.#generator.load(this.row.expected, { milliseconds });
    // What was sent is counted, so the time until its last answer is too.
    const seconds = (performance.now() - began) / 1000;
    this.#cpu += this.#processorSeconds() - before;
    this.#demand(part);
    this.#parts.push({ ...part, seconds });
  }

  /** Ends a window: proves again that the server decides, and that its log has all lines. */
  async finish(): Promise<Measured> {
    const { row } = this;
    const allocated = await this.server.allocated?.();
    const window = joined(this.#parts);
    if (window.calls === 0) throw new Error(`${row.name}: no answer in time: the machine is too busy`);
    const lostLines = await this.#demandMemory(window);
    await this.#prove();
    return {
      ...window,
      rate: window.sent / window.seconds,
      perCpuSecond: window.sent / this.#cpu,
      serverShare: this.#cpu / window.seconds,
      allocated:
        allocated === undefined || this.#allocatedBefore === undefined
          ? undefined
          : (allocated - this.#allocatedBefore) / window.sent,
      lostLines,
    };
  }

  /** Latencies at a rate that does not depend on the answers. */
  async openLoop(rate: number, milliseconds: number): Promise<OpenWindow> {
    const window = await this.#generator.openLoop(this.row.expected, rate, milliseconds);
    this.#demand(window);
    await this.#settle();
    return window;
  }

  close(): void {
    this.#generator.close();
  }

  /** Empties the decision log. */
  async #settle(): Promise<void> {
    await this.server.takeLines?.(this.#unread());
  }

  /** How many lines the decision log must have since the last look. */
  #unread(): number {
    const { sent } = this.#generator;
    const unread = sent - this.#read;
    this.#read = sent;
    return this.row.remembered === undefined ? 0 : unread;
  }

  #processorSeconds(): number {
    const { pid } = this.server;
    return (pid === undefined ? undefined : processorSeconds(pid)) ?? Number.NaN;
  }

  #demand({ wrong, firstWrong }: Window): void {
    const { name, expected } = this.row;
    if (wrong === 0) return;
    throw new WrongAnswer(
      `${name}: ${wrong} answers are not ${expected} for their tokens; the first: ${firstWrong}`,
    );
  }

  /** @returns how many lines the log is short of */
  async #demandMemory({ sent }: Window): Promise<number> {
    const { remembered, name } = this.row;
    const said = await this.server.takeLines?.(this.#unread());
    if (!said) return 0;
    if (remembered === undefined && said.lines > 0) throw new Error(`${name}: the decision log is not off`);
    if (remembered === undefined) return 0;
    const wanted = remembered ? said.lines : 0;
    if (said.remembered !== wanted)
      throw new WrongAnswer(`${name}: ${said.remembered} of ${said.lines} tokens had been verified before`);
    return sent - said.lines;
  }

  async #prove(): Promise<void> {
    const { name, expected, wire } = this.row;
    const good = await this.#generator.ask(this.#good);
    const code = wire === 'grpc' ? (responseOf(good.bytes).status?.code ?? 0) : good.status;
    if (good.status !== expected || code !== expected)
      throw new WrongAnswer(
        `${name}: the answer is ${good.status}, ${good.bytes.toString('latin1', 0, 1000)}`,
      );
    if (!this.#bad) return;
    const bad = await this.#generator.ask(this.#bad);
    const denied = wire === 'grpc' ? responseOf(bad.bytes).deniedResponse : { status: { code: bad.status } };
    if (bad.status !== (wire === 'grpc' ? 16 : 401) || !denied)
      throw new WrongAnswer(`${name}: a token with an old signature was let in`);
  }
}
