import { type Reason, reasons as shared } from '../core/reasons.ts';

/** A row of `injectReasons`. It has no `error`, because the error code is the name of the reason. */
type InjectReason = Pick<Reason, 'status' | 'text'>;

/**
 * All reasons of `inject`. The caller is the workload itself and not an OAuth client, so a refusal names the
 * reason. An OAuth error code would look like a refusal of the called service.
 */
export const injectReasons = {
  injected: { status: 200, text: 'A token was added.' },
  no_entry: { status: 200, text: 'No entry matches this host.' },
  authorization_present: { status: 200, text: 'The request already has an Authorization header.' },
  check_too_large: { status: 413, text: shared.check_too_large.text },
  check_malformed: { status: 400, text: shared.check_malformed.text },
  check_incomplete: { status: 503, text: shared.check_incomplete.text },
  request_too_large: { status: 400, text: shared.request_too_large.text },
  request_malformed: { status: 400, text: 'The host of the request is missing or cannot be used.' },
  token_unavailable: { status: 503, text: 'The token for this host is not available now.' },
  internal_error: { status: shared.internal_error.status, text: shared.internal_error.text },
} as const satisfies Record<string, InjectReason>;

/** The names of the rows that let a request pass. */
export type PassingReason = 'injected' | 'no_entry' | 'authorization_present';

/** The names of the rows that stop a request. */
export type StoppingReason = Exclude<keyof typeof injectReasons, PassingReason>;
