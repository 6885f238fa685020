import { DependencyError } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import { Malformed } from '../lib/malformed.ts';

const unconfirmed =
  'the proxy does not say whether the body is complete: let it send x-envoy-auth-partial-body in the check';

/**
 * Adds the body to the evidence of a check. Over gRPC Envoy always says whether a body is complete. Over HTTP
 * it says so only if the header is in the list that it is told to send, so a body without it is **not** used.
 */
export function withBody(evidence: Evidence, body: string | Malformed): Evidence {
  const { request } = evidence;
  if (body instanceof Malformed)
    return { ...evidence, outage: new DependencyError('check_incomplete', `the body: ${body.why}`, 1) };
  if (!request) return evidence;
  if (body !== '' && request.headers['x-envoy-auth-partial-body'] === undefined)
    return { ...evidence, request: { ...request, bodyless: unconfirmed } };
  return { ...evidence, request: { ...request, body } };
}
