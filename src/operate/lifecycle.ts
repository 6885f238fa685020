import type { Logger } from 'pino';

export type LifeState = 'starting' | 'serving' | 'draining';

/** A running service. */
export interface Running {
  readonly grpcPort: number;
  /** Undefined where there is no HTTP door. */
  readonly httpPort: number | undefined;
  readonly adminPort: number;
  /** Resolves when everything was tried once and checks are served. */
  readonly ready: Promise<void>;
  /** Reads the configuration anew (SIGHUP); what is refused is said in the log. */
  reload?: (() => Promise<void>) | undefined;
  /** Turns proxies away, waits for `drain.delay`, answers what is under way, and ends. Safe to call twice. */
  drain(): Promise<void>;
}

/** The open doors of a service, and what works behind them. */
export interface ServiceParts {
  readonly grpc: {
    readonly port: number;
    setServing(serving: boolean): void;
    close(timeout: number): Promise<void>;
  };
  readonly http?: { readonly port: number; close(timeout: number): Promise<void> };
  readonly admin: { readonly port: number; close(): Promise<void> };
  /** Ends what works behind the doors. */
  stop(): void;
  /** Reads the configuration anew, where there is one to read. */
  reload?(): Promise<void>;
  /** Resolves when what is behind the doors was tried once. */
  readonly tried: Promise<unknown>;
}

/** Milliseconds. */
export interface DrainTimes {
  readonly delay: number;
  readonly timeout: number;
}

/** From starting over serving to draining: told to proxies by health, to Kubernetes by readiness, to operators by log. */
export class Lifecycle {
  readonly #drain: () => DrainTimes;
  readonly #log: Logger;
  #drained: Promise<void> | undefined;
  state: LifeState = 'starting';

  constructor(drain: () => DrainTimes, log: Logger) {
    this.#drain = drain;
    this.#log = log;
  }

  /** The doors are open; serves once everything was tried. */
  begin(doors: ServiceParts): Running {
    const { grpc, http, admin, tried } = doors;
    const ready = tried.then(() => {
      if (this.state !== 'starting') return;
      this.state = 'serving';
      grpc.setServing(true);
      this.#log.info({ event: 'serving', grpc: grpc.port, http: http?.port, admin: admin.port }, 'serving');
    });
    const drain = () => {
      this.state = 'draining';
      this.#drained ??= this.#end(doors);
      return this.#drained;
    };
    return {
      grpcPort: grpc.port,
      httpPort: http?.port,
      adminPort: admin.port,
      ready,
      drain,
      reload: doors.reload,
    };
  }

  async #end({ grpc, http, admin, stop }: ServiceParts): Promise<void> {
    // Calls go on being answered while proxies notice: whoever closes first, loses a call.
    grpc.setServing(false);
    const { delay, timeout } = this.#drain();
    await new Promise((resolve) => setTimeout(resolve, delay));
    await Promise.all([grpc, http].map((door) => door?.close(timeout)));
    stop();
    await admin.close();
    this.#log.info({ event: 'stopped' }, 'stopped');
  }
}
