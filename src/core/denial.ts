import type { RefusalReason } from './reasons.ts';

/** A refusal, as a value. Each step of the pipeline returns what it found, or a Denial. */
export class Denial {
  readonly reason: RefusalReason;
  /** For the log only: it may quote what was presented. */
  readonly detail: string | undefined;
  readonly hint: Hint | undefined;

  constructor(reason: RefusalReason, detail?: string, hint?: Hint) {
    this.reason = reason;
    this.detail = detail;
    this.hint = hint;
  }
}

/** What the caller needs for another try. */
export interface Hint {
  /** The scopes that the request needs, for `WWW-Authenticate` (RFC 6750 §3). */
  readonly scope?: string;
  /** The nonce of the next proof, for `DPoP-Nonce` (RFC 9449 §8). */
  readonly nonce?: string;
}

/** A system that we depend on did not answer. Thrown, so it cannot be mistaken for a denial. */
export class DependencyError extends Error {
  readonly reason: RefusalReason;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number;

  constructor(reason: RefusalReason, detail: string, retryAfter: number, cause?: unknown) {
    super(detail, { cause });
    this.name = 'DependencyError';
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}
