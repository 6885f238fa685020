import type { CheckSteps } from './check-steps.ts';
import type { Denial, DependencyError } from './denial.ts';

/**
 * What a check presents: decoded, not verified. Each door translates into this type. Only types named
 * `Verified…` hold facts that were proven from it.
 */
export interface Evidence {
  /** Absent in a check of Envoy's TCP filter, which sees only connections. */
  readonly request?: PresentedRequest;
  readonly peer: PresentedPeer;
  /** The workload that the request is sent to. */
  readonly destination: {
    readonly principal: string;
    readonly port: number;
    /** The door knows that a proxy wrote the last element of `x-forwarded-client-cert` (`http.xfcc`). */
    readonly forwarded?: boolean;
  };
  /** Envoy's per-route `context_extensions`: configured in the proxy, not sent by the client. */
  readonly context: Readonly<Record<string, string>>;
  /** Where the request comes from. Absent if no trusted proxy says it. Only for the log. */
  readonly sourceAddress?: string;
  /** What the proxy requires in addition to the rules (oauth2-proxy's query parameters). */
  readonly allowLists?: AllowLists;
  /** Set if the door could not read the check. Nothing else in here is judged then. The log shows it. */
  readonly flaw?: Denial;
  /** The same, if the cause is an outage and not the caller. */
  readonly outage?: DependencyError;
}

/** A request must match one entry of each list that is present. */
export interface AllowLists {
  readonly groups?: readonly string[];
  readonly emails?: readonly string[];
  /** `example.com` is the domain itself; `.example.com` is everything below it. */
  readonly emailDomains?: readonly string[];
}

/** The HTTP request as it was received. */
export interface PresentedRequest {
  readonly method: string;
  readonly host: string;
  /** Raw path with the query. */
  readonly path: string;
  /**
   * Names in lower case. Several values of one name are joined with `,`, as Envoy joins them. The gRPC door
   * leaves out those that no step reads.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Only if the proxy sends it (`with_request_body`). A header says whether it is complete. */
  readonly body?: string;
  /** Why there is no body, as far as the door knows. For the log only. */
  readonly bodyless?: string;
}

/** What the proxy says about the TLS peer of its own connection. */
export interface PresentedPeer {
  /** URL-encoded PEM of the leaf (`source.certificate`). */
  readonly certificate?: string;
  /** URI SAN, else DNS SAN, else Subject (`source.principal`). */
  readonly principal?: string;
  /** Why there is neither, as far as the door knows. For the log only. */
  readonly missing?: string;
}

/** The time of a check, in milliseconds since the epoch. The core has no clock of its own. */
export interface Moment {
  /** The ID of its decision. Absent if no check is decided. */
  readonly id?: string;
  readonly now: number;
  /** The answer must have been given by then. */
  readonly deadline: number;
  /** The name of the verified peer; absent if there is none. Shared resources are divided by it. */
  readonly sender?: string | undefined;
  /** Absent if the check is not followed. */
  readonly steps?: CheckSteps | undefined;
}
