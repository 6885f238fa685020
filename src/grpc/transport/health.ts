import type { ServerHttp2Stream } from 'node:http2';
import { begin, fail, prefixBytes, reply, replyOne } from './reply.ts';
import { status } from './status.ts';

/** `ServingStatus` of grpc.health.v1. */
const serving = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
type Serving = keyof typeof serving;

/** The most streams that watch, over all connections. Each takes 4.5 KB for as long as its client likes. */
const mostWatching = 1_000;

/** grpc.health.v1. The whole server (the empty name) and its services always have the same status. */
export class Health {
  readonly #names: ReadonlySet<string>;
  /** Streams that watch, and whether the service they named is known. */
  readonly #watching = new Map<ServerHttp2Stream, boolean>();
  #now: Serving = 'NOT_SERVING';

  constructor(services: readonly string[]) {
    this.#names = new Set(['', ...services]);
  }

  set(isServing: boolean): void {
    const next = isServing ? 'SERVING' : 'NOT_SERVING';
    if (next === this.#now) return;
    this.#now = next;
    for (const [stream, known] of this.#watching) if (known) replyOne(stream, encode(next));
  }

  check(stream: ServerHttp2Stream, service: string): void {
    if (this.#names.has(service)) reply(stream, encode(this.#now));
    else fail(stream, status.NOT_FOUND, 'unknown service');
  }

  /** Sends the status now and at each change, also for an unknown name, which could become known. */
  watch(stream: ServerHttp2Stream, service: string): void {
    if (this.#watching.size >= mostWatching) {
      fail(stream, status.RESOURCE_EXHAUSTED, 'too many streams watch');
      return;
    }
    if (!begin(stream)) return;
    const known = this.#names.has(service);
    this.#watching.set(stream, known);
    stream.once('close', () => this.#watching.delete(stream));
    replyOne(stream, encode(known ? this.#now : 'SERVICE_UNKNOWN'));
  }

  /** Ends all watching streams. */
  close(): void {
    for (const stream of this.#watching.keys()) stream.end();
  }
}

/** Leaves room for the prefix. `status` is field 1, a varint. */
function encode(what: Serving): Buffer {
  const framed = Buffer.alloc(prefixBytes + 2);
  framed[prefixBytes] = 0x08;
  framed[prefixBytes + 1] = serving[what];
  return framed;
}
