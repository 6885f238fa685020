import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readTokenRequest } from './token-request.ts';

/** What the names of types have in common (RFC 7521 §4.2). */
const prefix = 'urn:ietf:params:oauth:client-assertion-type:';

/**
 * The types of assertions, by the end of their names. `jwt-bearer`: RFC 7523 §2.2. `jwt-spiffe`:
 * draft-ietf-oauth-spiffe-client-auth-02 §3.1.
 */
export const assertionTypes = ['jwt-bearer', 'jwt-spiffe'] as const;
export type AssertionType = (typeof assertionTypes)[number];

/** How a client presents itself at a token endpoint (RFC 7521 §4.2): decoded, not verified. */
export interface PresentedAssertion {
  readonly token: string;
  readonly assertion: AssertionType;
  /** Undefined if the assertion has to say which client it is. */
  readonly clientId: string | undefined;
}

/**
 * Reads the client assertion from the form of a token request. `jwt-bearer` needs `client_id`, because the
 * subject of a workload's token is not a client ID. With `jwt-spiffe` it may be missing. The token itself is
 * **not** read.
 * @param authorizationServer the issuer identifier that a `jwt-spiffe` assertion must be for. Undefined: this
 * type is not accepted.
 */
export function readClientAssertion(
  request: PresentedRequest,
  authorizationServer?: string,
): PresentedAssertion | Denial {
  const form = readTokenRequest(request);
  if (form instanceof Denial) return form;
  const token = form.get('client_assertion');
  if (!token) return new Denial('assertion_missing', 'the form has no client_assertion');
  const type = form.get('client_assertion_type');
  const assertion = assertionTypes.find((name) => `${prefix}${name}` === type);
  if (!assertion)
    return new Denial(
      'assertion_type_unsupported',
      `client_assertion_type is not ${assertionTypes.join(' or ')}`,
    );
  if (assertion === 'jwt-spiffe' && authorizationServer === undefined)
    return new Denial(
      'assertion_type_unsupported',
      'jwt-spiffe needs require.authorizationServer in the rule',
    );
  // RFC 6749 §3.2: a parameter without a value counts as one that was not sent.
  const clientId = form.get('client_id') || undefined;
  if (clientId === undefined && assertion === 'jwt-bearer')
    return new Denial('client_not_registered', 'the form has no client_id');
  return { token, assertion, clientId };
}
