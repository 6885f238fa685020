import { Worker } from 'node:worker_threads';

/** Checks that were made in advance. */
export interface Chunk {
  readonly bytes: ArrayBuffer;
  /** The end of each frame in it. */
  readonly ends: readonly number[];
  /** The index of each one's kind. */
  readonly kinds: readonly number[];
}

export interface MakerData {
  /** The number of certificates that are used in turn. */
  readonly certificates: number;
}

export type ToMaker =
  | { what: 'issuer'; issuer: string }
  | { what: 'make'; count: number }
  | { what: 'next key' }
  | { what: 'use it' };
export type FromMaker = { what: 'key'; jwk: Record<string, unknown> } | { what: 'chunk'; chunk: Chunk };

export interface Made {
  readonly frame: Buffer;
  readonly kind: number;
}

const chunkSize = 400;
/** The number of chunks that are ordered in advance. */
const ahead = 3;

/** The other end of the thread that makes checks: hands them out one by one, always with some in reserve. */
export class Maker {
  readonly #worker = new Worker(new URL('maker.ts', import.meta.url), {
    workerData: { certificates: 3_000 } satisfies MakerData,
  });
  readonly #chunks: Chunk[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #keys: PromiseWithResolvers<Record<string, unknown>>[] = [];
  #at = 0;
  #failure: Error | undefined;

  constructor() {
    this.#worker.on('message', (message: FromMaker) => {
      if (message.what === 'key') return this.#keys.shift()?.resolve(message.jwk);
      this.#chunks.push(message.chunk);
      this.#wake();
    });
    this.#worker.once('error', (error: Error) => {
      this.#failure = error;
      for (const key of this.#keys) key.reject(error);
      this.#wake();
    });
  }

  /** The most checks that are made in advance. */
  readonly mostMade = ahead * chunkSize;

  /** The first public key, when the certificates are ready. */
  firstKey(): Promise<Record<string, unknown>> {
    return this.#key();
  }

  /** Begins, with tokens of this issuer. */
  start(issuer: string): void {
    this.#say({ what: 'issuer', issuer });
    for (let n = 0; n < ahead; n++) this.#say({ what: 'make', count: chunkSize });
  }

  /** Another key, which is not used yet. */
  nextKey(): Promise<Record<string, unknown>> {
    this.#say({ what: 'next key' });
    return this.#key();
  }

  /** Signs further checks with it. Those that exist already are sent first. */
  useNextKey(): void {
    this.#say({ what: 'use it' });
  }

  /** @throws what went wrong in the thread. */
  async next(): Promise<Made> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const [chunk] = this.#chunks;
      if (chunk) return this.#take(chunk);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #take({ bytes, ends, kinds }: Chunk): Made {
    const at = this.#at++;
    const begin = ends[at - 1] ?? 0;
    const end = ends[at] ?? begin;
    if (this.#at === ends.length) {
      this.#chunks.shift();
      this.#at = 0;
      this.#say({ what: 'make', count: chunkSize });
    }
    return { frame: Buffer.from(bytes, begin, end - begin), kind: kinds[at] ?? 0 };
  }

  #key(): Promise<Record<string, unknown>> {
    const key = Promise.withResolvers<Record<string, unknown>>();
    this.#keys.push(key);
    return key.promise;
  }

  #say(message: ToMaker): void {
    this.#worker.postMessage(message);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
