import type { CheckResponse } from '../grpc/check-messages.ts';
import { status } from '../grpc/transport/status.ts';
import type { Outcome } from './inject.ts';
import { injectReasons } from './reasons.ts';

/** In seconds. Files are read every second, but a caller that retries as often would fill the log. */
const retryAfter = '5';

/**
 * Translates an outcome into Envoy's answer. As in `serve`, the status is always set, and each refusal is a
 * `denied_response`, which Envoy enforces even with `failure_mode_allow: true`.
 */
export function toInjectResponse(id: string, outcome: Outcome): CheckResponse {
  const { effect, reason, entry } = outcome;
  const dynamicMetadata = { decision_id: id, effect, reason, rule: entry };
  if (outcome.effect === 'allow') {
    return {
      status: { code: status.OK, message: reason },
      okResponse: {
        headers: outcome.reason === 'injected' ? [['authorization', `Bearer ${outcome.token}`]] : [],
        headersToRemove: [],
      },
      dynamicMetadata,
    };
  }
  const { status: code, text } = injectReasons[outcome.reason];
  return {
    status: { code: status.PERMISSION_DENIED, message: reason },
    deniedResponse: {
      status: { code },
      headers: [
        ['content-type', 'application/json'],
        ['cache-control', 'no-store'],
        ['x-decision-id', id],
        ...(code === 503 ? [['retry-after', retryAfter] as const] : []),
      ],
      body: JSON.stringify({ error: reason, error_description: text, decision_id: id }),
    },
    dynamicMetadata,
  };
}
