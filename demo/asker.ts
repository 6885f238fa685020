import type { Svid } from './workloads.ts';

/**
 * The two ways in which a proxy tells who its peer is: `PEM`, the certificate itself (`include_peer_certificate`), and
 * `XFCC`, only its hash and name in x-forwarded-client-cert, as in a mesh where nobody configured anything.
 */
export const ways = ['PEM', 'XFCC'] as const;
export type Way = (typeof ways)[number];

export type Headers = readonly (readonly [name: string, value: string])[];

/** One request to the application. */
export interface CachedAuthority {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** The certificate shown in the TLS handshake; undefined: none. */
  readonly peer: Svid | undefined;
}

/** What came of it. */
export interface Answered {
  readonly status: number;
  readonly decisionId: string | undefined;
  /** The headers that reached the application; undefined where the request did not. */
  readonly reached: Headers | undefined;
}

/** Takes a request to the application, which stands behind Peerproof. */
export interface Asker {
  ask(way: Way, asked: CachedAuthority): Promise<Answered>;
}
