import type { Issuer } from '../token/issuers.ts';

/** A configured sender of security event tokens (SSF). */
export interface Transmitter {
  readonly name: string;
  /** Verifies its tokens: `iss`, audiences, algorithms, clock skew and keys. */
  readonly issuer: Issuer;
  /** Milliseconds since `iat` until a token is too old. */
  readonly maxAge: number;
  /** The issuers whose tokens it may revoke: the name in the configuration by `iss`. */
  readonly speaksFor: ReadonlyMap<string, string>;
  /** Milliseconds that a revocation is kept. */
  readonly keep: number;
}

/** Why a security event token is refused: an error of RFC 8935 §2.4, and a text for the transmitter and the log. */
export class EventRefusal {
  readonly error: EventError;
  readonly why: string;

  constructor(error: EventError, why: string) {
    this.error = error;
    this.why = why;
  }
}

export type EventError =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'access_denied';
