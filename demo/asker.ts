import type { Svid } from './workloads.ts';

/**
 * The two ways in which a proxy identifies its peer. `PEM`: the certificate itself (`include_peer_certificate`). `XFCC`: only
 * its hash and name in x-forwarded-client-cert, as in a mesh by default.
 */
export const ways = ['PEM', 'XFCC'] as const;
export type Way = (typeof ways)[number];

export type Headers = readonly (readonly [name: string, value: string])[];

/** One request to the application. */
export interface AppRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** The client certificate. Undefined: none. */
  readonly peer: Svid | undefined;
}

/** The result of a request. */
export interface Answered {
  readonly status: number;
  readonly decisionId: string | undefined;
  /** The headers that reached the application. Undefined if the request did not reach it. */
  readonly reached: Headers | undefined;
}

/** Takes a request to the application, which stands behind Peerproof. */
export interface Asker {
  ask(way: Way, asked: AppRequest): Promise<Answered>;
}
