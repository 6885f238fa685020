import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Frame, framesOf } from './frames.ts';

/** A connection that sends what it is told to and ends when its test does; what it hears is counted, not kept. */
export class Attacker {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  received = 0;
  /** The first bytes that it heard. */
  head = '';
  #rest: Buffer = Buffer.alloc(0);
  readonly #keeps: boolean;

  /** @param keeps whether what comes in is frames that matter. */
  constructor(port: number, keeps = false) {
    this.#keeps = keeps;
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setNoDelay(true);
    // Being cut off is what an attacker has to expect.
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk: Buffer) => this.#hear(chunk));
  }

  #hear(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.head.length < 4_000) this.head += chunk.toString('latin1').slice(0, 4_000 - this.head.length);
    if (!this.#keeps) return;
    const { frames, rest } = framesOf(Buffer.concat([this.#rest, chunk]));
    this.#rest = rest;
    this.frames.push(...frames);
  }

  /** Whether the server still listens to it. */
  get open(): boolean {
    return this.socket.writable && !this.socket.readableEnded;
  }

  /** Resolves when the bytes were handed to the kernel, when the connection ended, or after a while without either. */
  async say(bytes: Buffer | string): Promise<void> {
    const { socket } = this;
    if (!socket.writable) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    await Promise.race([promise, sleep(2_000, undefined, { ref: false })]);
  }

  /** Sends the same again and again, with room for others in between; gives how often. */
  async flood(
    piece: (round: number) => Buffer | string,
    rounds: number,
    milliseconds: number,
  ): Promise<number> {
    const end = Date.now() + milliseconds;
    let round = 0;
    for (; round < rounds && this.open && Date.now() < end; round++) await this.say(piece(round));
    return round;
  }

  /** Waits until the server has ended or reset the connection. @returns whether it has */
  async ended(within: number): Promise<boolean> {
    const { socket } = this;
    const isOver = (): boolean => socket.closed || socket.readableEnded || socket.errored !== null;
    if (!isOver()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const event of ['end', 'close', 'error']) socket.once(event, () => resolve());
      const timer = setTimeout(resolve, within);
      await promise;
      clearTimeout(timer);
    }
    return isOver();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Opens connections in turns, so that the accept queue of the kernel is not what is tested. */
export async function openMany(port: number, count: number): Promise<Attacker[]> {
  const attackers: Attacker[] = [];
  for (let done = 0; done < count; done += 100) {
    const some = Array.from({ length: Math.min(100, count - done) }, () => new Attacker(port));
    await Promise.all(
      some.map(({ socket }) =>
        socket.connecting ? Promise.race([once(socket, 'connect'), once(socket, 'close')]) : undefined,
      ),
    );
    attackers.push(...some);
  }
  return attackers;
}
