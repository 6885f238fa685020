import type { Logger } from 'pino';
import type { LifeState } from './lifecycle.ts';
import type { DependencyStates, Silence } from './readiness.ts';

export interface SilentSourcesOptions {
  readonly states: () => DependencyStates;
  /** Whether a start waits for first answers (`readiness: issuers`). */
  readonly waits: () => boolean;
  readonly log: Logger;
  /** Milliseconds between two lines about the same source. Five minutes by default. */
  readonly every?: number;
}

/** An issuer, a trust bundle or the store, which has never answered. */
interface SilentSource {
  readonly name: string;
  readonly reason: string;
  readonly failure: string | undefined;
}

/**
 * Knows which issuers and trust bundles have never answered, and whether the store has. This is how a wrong
 * address, a missing permission or a closed network looks, and it does not end by itself. So the log says it at
 * once, and every five minutes. A source that answered once and fails now is an outage, which is **not** reported here.
 */
export class SilentSources {
  readonly #options: SilentSourcesOptions;
  #timer: NodeJS.Timeout | undefined;
  #wasReady = false;
  #stopped = false;

  constructor(options: SilentSourcesOptions) {
    this.#options = options;
  }

  /**
   * What `/readyz` needs to know. It holds back a start only. A process that was ready once never waits again:
   * an outage, or an issuer that a reload adds, must not take it out of service.
   */
  silence(state: LifeState): Silence {
    // Names only: no URL and no path.
    const missing = this.#silent().map(({ name }) => name);
    const holdsBack = !this.#wasReady && missing.length > 0 && this.#options.waits();
    this.#wasReady ||= state === 'serving' && !holdsBack;
    return { missing, holdsBack };
  }

  /** Call it when each source was tried once: after a start and after a reload. */
  report(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    const { log, every = 300_000 } = this.#options;
    for (const { name, reason, failure } of this.#silent())
      log.error({ event: 'never_answered', of: name, reason, failure }, `the ${name} has never answered`);
    this.#timer = setTimeout(() => this.report(), every).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #silent(): readonly SilentSource[] {
    const { issuers, bundles, store } = this.#options.states();
    return [
      ...issuers
        .filter(({ answered }) => answered === false)
        .map(({ issuer, reason, failure }) => ({ name: `issuer ${issuer}`, reason, failure })),
      ...bundles
        .filter(({ age }) => age === undefined)
        .map(({ trustDomain, failure }) => {
          return { name: `bundle of ${trustDomain}`, reason: 'bundle_unavailable', failure };
        }),
      ...(store?.answered === false
        ? [{ name: 'store', reason: 'store_unavailable', failure: store.failure }]
        : []),
    ];
  }
}
