import type { Decision } from '../core/decision.ts';
import { decisionMetadata } from '../core/identity/metadata.ts';
import { createRefusal, type RefusalStyle } from '../core/refusal.ts';
import type { CheckResponse } from './check-messages.ts';
import { status } from './transport/status.ts';

/**
 * Translates a decision into Envoy's answer. The status is always set, because Envoy reads an answer without
 * a status as an allow. Every refusal is a `denied_response` with code 7 or 16, also an outage. All other
 * answers obey `failure_mode_allow`. An answer of our own is one too, with status 200: Envoy sends it to the
 * client in place of the request to the application.
 */
export function checkResponseOf(decision: Decision, style: RefusalStyle): CheckResponse {
  const dynamicMetadata = decisionMetadata(decision);
  if (decision.effect === 'allow') {
    const { set, remove } = decision.identity;
    return {
      status: { code: status.OK, message: decision.reason },
      okResponse: { headers: set, headersToRemove: remove.names },
      dynamicMetadata,
    };
  }
  const own = decision.effect === 'answer' ? decision.answer : createRefusal(decision, style);
  return {
    status: {
      code: own.status === 401 ? status.UNAUTHENTICATED : status.PERMISSION_DENIED,
      message: decision.reason,
    },
    deniedResponse: {
      status: { code: own.status },
      headers: own.headers,
      body: own.body,
    },
    dynamicMetadata,
  };
}
