import type { Denial, DependencyError } from './denial.ts';

/**
 * What a check presents: decoded, not believed. Both doors (gRPC and HTTP) translate into this; nothing in it has been
 * verified, and only `Verified…` types leave the steps that read it.
 */
export interface Evidence {
  /** Absent in a check of the TCP filter, which knows connections only. */
  readonly request?: PresentedRequest;
  readonly peer: PresentedPeer;
  /** The workload that is asked for. */
  readonly destination: {
    readonly principal: string;
    readonly port: number;
    /** The door knows that a proxy wrote the last element of `x-forwarded-client-cert` (`http.xfcc`). */
    readonly forwarded?: boolean;
  };
  /** Envoy's per-route `context_extensions`: configuration of the proxy, not of the client. */
  readonly context: Readonly<Record<string, string>>;
  /** What the asking proxy itself requires, on top of the rules (oauth2-proxy's query parameters). */
  readonly allowLists?: AllowLists;
  /** Why the door cannot say what was presented: nothing else in here counts then. */
  readonly flaw?: Denial;
  /** The same, where it is an outage and no caller's doing. */
  readonly outage?: DependencyError;
}

/** Of each list that is there, one entry must be met. */
export interface AllowLists {
  readonly groups?: readonly string[];
  readonly emails?: readonly string[];
  /** `example.com` itself; with a leading dot, everything below it. */
  readonly emailDomains?: readonly string[];
}

/** The HTTP request as it was received. */
export interface PresentedRequest {
  readonly method: string;
  readonly host: string;
  /** Raw path with the query. */
  readonly path: string;
  /** Lower-case names; several values of one name are joined with `,` as Envoy joins them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Only where the proxy was told to send it (`with_request_body`); whether it is whole says a header. */
  readonly body?: string;
}

/** What the proxy says of the TLS peer of its own connection. */
export interface PresentedPeer {
  /** URL-encoded PEM of the leaf (`source.certificate`). */
  readonly certificate?: string;
  /** URI SAN, else DNS SAN, else Subject (`source.principal`). */
  readonly principal?: string;
}

/** The time of a check, in milliseconds since the epoch: the core has no clock of its own. */
export interface Moment {
  readonly now: number;
  /** When the answer must have been given. */
  readonly deadline: number;
  /** The verified peer, by name; absent for strangers. What a check waits for is shared out by it. */
  readonly sender?: string | undefined;
}
