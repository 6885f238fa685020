import type { Logger } from 'pino';
import type { Soon } from '../lib/soon.ts';

export type LifeState = 'starting' | 'serving' | 'draining';

export interface Running {
  readonly grpcPort: number;
  /** Undefined without an HTTP door. */
  readonly httpPort: number | undefined;
  readonly adminPort: number;
  /** Undefined if documents about resources are only served over gRPC, or not at all. */
  readonly metadataPort: number | undefined;
  /** Undefined if the public keys of internal tokens are not shown. */
  readonly keysPort: number | undefined;
  /** Resolves when keys, bundles and files were tried once and checks are served. */
  readonly ready: Promise<void>;
  /** Reads the configuration again (SIGHUP). The log says why a configuration was refused. */
  reload?: (() => Promise<void>) | undefined;
  /** Reports NOT_SERVING, waits for `drain.delay`, finishes open calls, and ends. Safe to call twice. */
  drain(): Promise<void>;
}

/** The open doors of a service, and what runs behind them. */
export interface ServiceParts {
  readonly grpc: {
    readonly port: number;
    setServing(serving: boolean): void;
    close(timeout: number): Promise<void>;
  };
  readonly http?: { readonly port: number; close(timeout: number): Promise<void> };
  readonly metadata?: { readonly port: number; close(timeout: number): Promise<void> };
  readonly keys?: { readonly port: number; close(timeout: number): Promise<void> };
  /** Closed by `stop`. */
  readonly events?: { readonly port: number } | undefined;
  readonly admin: { readonly port: number; close(): Promise<void> };
  /** Ends what runs behind the doors. Must not reject. */
  stop(): Soon<void>;
  reload?(): Promise<void>;
  /** Resolves when keys, bundles and files were tried once. */
  readonly tried: Promise<unknown>;
}

/** Milliseconds. */
export interface DrainTimes {
  readonly delay: number;
  readonly timeout: number;
}

/** Starting, serving, draining. Health tells proxies, readiness tells Kubernetes, the log tells operators. */
export class Lifecycle {
  readonly #drain: () => DrainTimes;
  readonly #log: Logger;
  #drained: Promise<void> | undefined;
  state: LifeState = 'starting';

  constructor(drain: () => DrainTimes, log: Logger) {
    this.#drain = drain;
    this.#log = log;
  }

  /** Call it with open doors. Serves as soon as `tried` resolves. */
  begin(doors: ServiceParts): Running {
    const { grpc, http, metadata, keys, events, admin, tried } = doors;
    const ports = {
      ...{ grpc: grpc.port, http: http?.port, metadata: metadata?.port, keys: keys?.port },
      ...{ events: events?.port, admin: admin.port },
    };
    const ready = tried.then(() => {
      if (this.state !== 'starting') return;
      this.state = 'serving';
      grpc.setServing(true);
      this.#log.info({ event: 'serving', ...ports }, 'serving');
    });
    const drain = () => {
      this.state = 'draining';
      this.#drained ??= this.#end(doors);
      return this.#drained;
    };
    return {
      ...{ grpcPort: ports.grpc, httpPort: ports.http, adminPort: ports.admin },
      ...{ metadataPort: ports.metadata, keysPort: ports.keys },
      ...{ ready, drain, reload: doors.reload },
    };
  }

  async #end({ grpc, http, metadata, keys, admin, stop }: ServiceParts): Promise<void> {
    // Calls are still answered while proxies notice. Closing at once would lose calls.
    grpc.setServing(false);
    const { delay, timeout } = this.#drain();
    await new Promise((resolve) => setTimeout(resolve, delay));
    await Promise.all([grpc, http, metadata, keys].map((door) => door?.close(timeout)));
    await stop();
    await admin.close();
    this.#log.info({ event: 'stopped' }, 'stopped');
  }
}
