export interface IssuerState {
  readonly issuer: string;
  /** What `iss` of its tokens must be. Empty if any cluster issuer may be meant. */
  readonly iss: string;
  /** Seconds since its configuration was first used. */
  readonly knownFor: number;
  /** Seconds since the keys were fetched. Undefined while there are none. */
  readonly keyAge: number | undefined;
  /** Seconds. Older keys are not used. Undefined if keys are not fetched. */
  readonly maxKeyAge: number | undefined;
  /**
   * Whether it ever gave its keys and, if it is asked about tokens, an answer. Undefined if nobody has asked it
   * yet.
   */
  readonly answered: boolean | undefined;
  readonly fetches: number;
  readonly failures: number;
  /** Questions about tokens (TokenReview, introspection). Undefined if the issuer is not asked. */
  readonly asked?:
    | {
        readonly asked: number;
        readonly failures: number;
        readonly underWay: number;
        readonly mostUnderWay: number;
        readonly open: boolean;
        /** Why the last question failed. Undefined after a good one. */
        readonly failure: string | undefined;
      }
    | undefined;
  /** Checks that wait for it now, and checks that were refused since the start because too many waited. */
  readonly bulkhead: { readonly waiting: number; readonly refused: number };
  /** Whether signatures are verified here. An issuer that is only asked has no keys. */
  readonly keys: boolean;
  /** The name of the problem. Empty if there is none. */
  readonly reason: string;
  /** Why the last attempt failed. Undefined if it succeeded. */
  readonly failure: string | undefined;
  /** When the first of the present failures in a row happened, in milliseconds since the epoch. */
  readonly failingSince: number | undefined;
}

/** Whether its last attempt succeeded, and questions about tokens are not refused at once. */
export function isUp({ failure, asked }: Pick<IssuerState, 'failure' | 'asked'>): boolean {
  return failure === undefined && !asked?.open;
}

/** When a certificate is valid, in milliseconds since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** One cache of the policy. Hits and misses are counted since the start of the process. */
export interface CacheState {
  readonly cache: string;
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  readonly capacity: number;
}

/** The state of the active configuration, for readiness and metrics. */
export interface ConfigurationState {
  readonly version: string;
  readonly loadedAt: number;
  readonly reloads: number;
  readonly failures: number;
  /** Why the present files were refused. Undefined if they are active. */
  readonly failure: string | undefined;
}

/** How the rules of one team are at work. */
export interface OwnedRules {
  readonly owner: string;
  /** `accepted`, or the name of what is wrong. */
  readonly state: string;
  /** Rules at work. */
  readonly rules: number;
  /** Why its present file is refused, or with whom it conflicts. */
  readonly failure: string | undefined;
}

/** The watch of the rules that teams write at the API server. */
export interface RulesWatchState {
  /** Objects that are known. */
  readonly objects: number;
  /** Whether a start waits for the first answer. */
  readonly isAwaited: boolean;
  /** Whether the objects come from the cache file, because the API server has not answered yet. */
  readonly isCached: boolean;
  /** Seconds since the API server was last heard, or since the cache file was written. */
  readonly age: number | undefined;
  /** Attempts to list or watch that failed. */
  readonly failures: number;
  /** Why the last attempt failed. Undefined while all is well. */
  readonly failure: string | undefined;
  /** Statuses that were written, and attempts to write one that failed. */
  readonly writes: number;
  readonly writeFailures: number;
  readonly writeFailure: string | undefined;
}
