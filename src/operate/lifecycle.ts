import type { Logger } from 'pino';

export type LifeState = 'starting' | 'serving' | 'draining';

/** A running service. */
export interface Running {
  readonly grpcPort: number;
  readonly adminPort: number;
  /** Resolves when everything was tried once and checks are served. */
  readonly ready: Promise<void>;
  /** Turns proxies away, waits for `drain.delay`, answers what is under way, and ends. Safe to call twice. */
  drain(): Promise<void>;
}

/** The open doors of a service, and what works behind them. */
export interface Doors {
  readonly grpc: {
    readonly port: number;
    setServing(serving: boolean): void;
    close(timeout: number): Promise<void>;
  };
  readonly admin: { readonly port: number; close(): Promise<void> };
  readonly sources: readonly { stop(): void }[];
  /** Resolves when what is behind the doors was tried once. */
  readonly tried: Promise<unknown>;
}

/** From starting over serving to draining: told to proxies by health, to Kubernetes by readiness, to operators by log. */
export class Lifecycle {
  readonly #drain: { readonly delay: number; readonly timeout: number };
  readonly #log: Logger;
  #drained: Promise<void> | undefined;
  state: LifeState = 'starting';

  /** @param drain milliseconds */
  constructor(drain: { readonly delay: number; readonly timeout: number }, log: Logger) {
    this.#drain = drain;
    this.#log = log;
  }

  /** The doors are open; serves once everything was tried. */
  begin(doors: Doors): Running {
    const { grpc, admin, tried } = doors;
    const ready = tried.then(() => {
      if (this.state !== 'starting') return;
      this.state = 'serving';
      grpc.setServing(true);
      this.#log.info({ event: 'serving', grpc: grpc.port, admin: admin.port }, 'serving');
    });
    const drain = () => {
      this.state = 'draining';
      this.#drained ??= this.#end(doors);
      return this.#drained;
    };
    return { grpcPort: grpc.port, adminPort: admin.port, ready, drain };
  }

  async #end({ grpc, admin, sources }: Doors): Promise<void> {
    // Calls go on being answered while proxies notice: whoever closes first, loses a call.
    grpc.setServing(false);
    await new Promise((resolve) => setTimeout(resolve, this.#drain.delay));
    await grpc.close(this.#drain.timeout);
    for (const source of sources) source.stop();
    await admin.close();
    this.#log.info({ event: 'stopped' }, 'stopped');
  }
}
