import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readTokenRequest } from './token-request.ts';

/** What a token request says of a client that authenticates with its certificate. */
export interface PresentedClient {
  /** Undefined if the certificate has to say which client it is. */
  readonly clientId: string | undefined;
}

/**
 * Reads a token request whose client authenticates with its certificate alone (RFC 8705 §2,
 * draft-ietf-oauth-spiffe-client-auth-02 §3.2). Every other way to authenticate beside it is refused (RFC 6749
 * §2.3). Who the peer is, and whether it is this client, is **not** checked.
 */
export function readCertificateClient(request: PresentedRequest): PresentedClient | Denial {
  const form = readTokenRequest(request);
  // The only one that asks for an assertion: the body is missing.
  if (form instanceof Denial && form.reason === 'assertion_missing')
    return new Denial('body_unreadable', form.detail);
  if (form instanceof Denial) return form;
  if (form.has('client_assertion') || form.has('client_assertion_type'))
    return new Denial('assertion_ambiguous', 'a client assertion in addition to the certificate');
  return { clientId: form.get('client_id') || undefined };
}
