import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { type CheckClient, openCheckClient } from '../../test/support/check-client.ts';

/** One thing that holds once, sent to a replica and then to another one. */
export interface Replayed {
  readonly request: CheckRequest;
  /** Of `performance.now()`, before the first was sent and after the second was answered. */
  readonly began: number;
  readonly ended: number;
  /** The reasons of both answers, as the log calls them. */
  readonly reasons: readonly [first: string, second: string];
}

/** Milliseconds between two. */
const pause = 20;

/**
 * Sends something new to one replica, then the same to the next one, from `start` to `stop`: straight to their gRPC ports,
 * beside the requests through Envoy.
 */
export class Replays {
  readonly all: Replayed[] = [];
  readonly #clients: readonly CheckClient[];
  readonly #make: (id: string) => CheckRequest;
  #going = true;
  #running: Promise<void> | undefined;

  constructor(ports: readonly number[], make: (id: string) => CheckRequest) {
    this.#clients = ports.map((port) => openCheckClient(port));
    this.#make = make;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#running;
    for (const client of this.#clients) client.close();
  }

  /** Sends them once more, and counts those that are let in. */
  async again(list: readonly Replayed[]): Promise<number> {
    let letIn = 0;
    for (const [index, { request }] of list.entries())
      if ((await this.#send(index, request)) === 'allowed') letIn++;
    return letIn;
  }

  async #run(): Promise<void> {
    for (let number = 0; this.#going; number++) {
      const began = performance.now();
      const request = this.#make(`${process.pid} ${began} ${number}`);
      const first = await this.#send(number, request);
      const second = await this.#send(number + 1, request);
      this.all.push({ request, began, ended: performance.now(), reasons: [first, second] });
      await sleep(pause);
    }
  }

  async #send(number: number, request: CheckRequest): Promise<string> {
    const client = this.#clients[number % this.#clients.length];
    const answer = await client?.check(request).catch((error: Error) => ({ status: error }));
    return answer.status.message;
  }
}
