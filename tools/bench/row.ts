import { processorSeconds } from './cores.ts';
import { responseOf, statusCode } from './frame.ts';
import { Generator, type Window } from './generator.ts';
import type { Server } from './server.ts';

/** One line of the table: which server is asked what, and what it must answer. */
export interface Row {
  readonly name: string;
  readonly server: Server;
  readonly frames: readonly Buffer[];
  /** The `status.code` of every answer: 0 lets in, 16 does not know the sender. */
  readonly expected: number;
  /** Whether every token of the window was verified before it, or none; told by the decision log. */
  readonly remembered?: boolean;
  /** CachedAuthority before and after each window: one that is let in, and those that are kept out. */
  readonly good?: Buffer;
  readonly bad?: readonly Buffer[];
}

/** What one window of a row gave. */
export interface Measured extends Window {
  readonly rate: number;
  /** Share of its core that the server used; undefined where the system does not tell. */
  readonly serverShare: number | undefined;
  /** Microseconds of processor that the server used for a check: steadier than the rate where others use the machine. */
  readonly cost: number | undefined;
  /** Decision log lines that are missing. */
  readonly lost: number;
}

/** An answer was not what it had to be: whatever was measured beside it is void. */
export class WrongAnswer extends Error {}

/** Warms the server up, measures one window, and proves before and after that the server still decides. */
export async function measure(row: Row, warmUp: number, milliseconds: number): Promise<Measured> {
  const { server, frames, expected } = row;
  const generator = new Generator(server.port);
  try {
    // A known token is one that was verified before: each was, before the window.
    if (row.remembered) await generator.pass(frames);
    const warm = await generator.load(frames, expected, warmUp);
    demand(row, warm);
    await prove(row, generator);
    await server.log?.take(generator.sent);

    const before = processorSeconds(server.pid);
    const window = await generator.load(frames, expected, milliseconds);
    const after = processorSeconds(server.pid);
    demand(row, window);
    if (window.calls === 0)
      throw new Error(`${row.name}: no answer in time: the machine is too busy to measure`);
    const lost = await demandMemory(row, window);
    const sent = generator.sent;
    await prove(row, generator);
    await server.log?.take(generator.sent - sent);
    const used = before === undefined || after === undefined ? undefined : after - before;
    return {
      ...window,
      rate: window.calls / window.seconds,
      serverShare: used && used / window.seconds,
      cost: used && (used / window.sent) * 1e6,
      lost,
    };
  } finally {
    generator.close();
  }
}

function demand({ name, expected }: Row, { wrong }: Window): void {
  if (wrong > 0) throw new WrongAnswer(`${name}: ${wrong} answers without status.code ${expected}`);
}

/** @returns how many lines the log is short of */
async function demandMemory({ name, server, remembered }: Row, { sent }: Window): Promise<number> {
  const said = await server.log?.take(sent);
  if (!said) return 0;
  if (said.remembered !== (remembered ? said.lines : 0))
    throw new WrongAnswer(`${name}: ${said.remembered} of ${said.lines} tokens had been verified before`);
  return sent - said.lines;
}

async function prove({ name, good, bad = [] }: Row, generator: Generator): Promise<void> {
  if (good) {
    const answer = responseOf(await generator.call(good));
    if (answer.status.code !== 0 || !answer.okResponse)
      throw new WrongAnswer(`${name}: a good token was kept out: ${JSON.stringify(answer)}`);
  }
  for (const frame of bad) {
    const answer = await generator.call(frame);
    if (statusCode(answer) !== 16 || responseOf(answer).deniedResponse?.status.code !== 401)
      throw new WrongAnswer(`${name}: a tampered or stolen token was let in`);
  }
}
