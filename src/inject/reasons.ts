import { type Reason, reasons as shared } from '../core/reasons.ts';

/** A row of `injectReasons`: as in the table of `serve`, where `error` is the name of the reason itself. */
type InjectReason = Pick<Reason, 'status' | 'text'>;

/**
 * Every reason an outcome of `inject` can have, once. The caller is the workload itself and no OAuth client, so a
 * refusal names the reason: with a code of OAuth it could not be told from a refusal of the service that is called.
 */
export const injectReasons = {
  injected: { status: 200, text: 'A token was added.' },
  no_entry: { status: 200, text: 'No token is meant for this host.' },
  authorization_present: { status: 200, text: 'The request brings an Authorization of its own.' },
  check_too_large: { status: 413, text: shared.check_too_large.text },
  check_malformed: { status: 400, text: shared.check_malformed.text },
  check_incomplete: { status: 503, text: shared.check_incomplete.text },
  request_malformed: { status: 400, text: 'The request has no usable host.' },
  token_unavailable: { status: 503, text: 'The token for this host is not available at the moment.' },
  internal_error: { status: shared.internal_error.status, text: shared.internal_error.text },
} as const satisfies Record<string, InjectReason>;

/** The names of the rows that let a request go on. */
export type PassingReason = 'injected' | 'no_entry' | 'authorization_present';

/** The names of the rows that stop a request. */
export type StoppingReason = Exclude<keyof typeof injectReasons, PassingReason>;
