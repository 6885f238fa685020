import type { BindingName } from './binding/bind.ts';
import type { VerifiedPeer } from './peer/verify-peer.ts';
import type { Rule } from './policy/rule.ts';
import type { RefusalReason } from './reasons.ts';
import type { VerifiedToken } from './token/verified-token.ts';

/** A refusal, as a value: each step of the pipeline returns what it found or one of these. */
export class Denial {
  readonly reason: RefusalReason;
  /** For the log only: may quote what was presented. */
  readonly detail: string | undefined;
  /** The scopes that would do, for `WWW-Authenticate` (RFC 6750 §3). */
  readonly scope: string | undefined;

  constructor(reason: RefusalReason, detail?: string, scope?: string) {
    this.reason = reason;
    this.detail = detail;
    this.scope = scope;
  }
}

/** Something we depend on did not answer. Thrown, never returned, so that it cannot be mistaken for a denial. */
export class DependencyError extends Error {
  readonly reason: RefusalReason;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number;

  constructor(reason: RefusalReason, detail: string, retryAfter: number, cause?: unknown) {
    super(detail, { cause });
    this.name = 'DependencyError';
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** What the pipeline had proven by the time it ended, for the answer, the log and the metrics. */
export interface Findings {
  rule?: Rule;
  /** The path in the one form that rules are matched against. */
  path?: string;
  peer?: VerifiedPeer;
  /** A token whose signature held; it may still be one that was refused. */
  token?: VerifiedToken;
  boundBy?: BindingName;
}

/** The outcome of one check. An outage (`unavailable`) and a denial never look alike. */
export type Decision = { readonly id: string; readonly found: Readonly<Findings> } & (
  | { readonly effect: 'allow'; readonly reason: 'allowed' | 'public' }
  | {
      readonly effect: 'deny' | 'unavailable';
      readonly reason: RefusalReason;
      readonly detail: string | undefined;
      readonly scope?: string | undefined;
      readonly retryAfter?: number | undefined;
    }
);
