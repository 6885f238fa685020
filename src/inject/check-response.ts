import type { CheckResponse } from '../grpc/check-messages.ts';
import { replace } from '../grpc/check-response.ts';
import { status } from '../grpc/transport/status.ts';
import type { Outcome } from './inject.ts';
import { injectReasons } from './reasons.ts';

/** Seconds. Files are looked at each second; a caller that asks as often would only fill the log. */
const retryAfter = '5';

/**
 * Translates an outcome into Envoy's answer. As in `serve` the status is always set, and everything that stops a request
 * is a `denied_response`, so that it holds whatever `failure_mode_allow` says.
 */
export function injectResponseOf(id: string, outcome: Outcome): CheckResponse {
  const { effect, reason, entry } = outcome;
  const facts = { decision_id: id, effect, reason, ...(entry !== undefined && { rule: entry }) };
  const dynamicMetadata = {
    fields: Object.fromEntries(Object.entries(facts).map(([name, stringValue]) => [name, { stringValue }])),
  };
  if (outcome.effect === 'allow') {
    const headers =
      outcome.reason === 'injected' ? [replace(['authorization', `Bearer ${outcome.token}`])] : [];
    return {
      status: { code: status.OK, message: reason },
      okResponse: { headers, headersToRemove: [] },
      dynamicMetadata,
    };
  }
  const { status: code, text } = injectReasons[outcome.reason];
  return {
    status: { code: status.PERMISSION_DENIED, message: reason },
    deniedResponse: {
      status: { code },
      headers: [
        replace(['content-type', 'application/json']),
        replace(['cache-control', 'no-store']),
        ...(code === 503 ? [replace(['retry-after', retryAfter])] : []),
      ],
      body: JSON.stringify({ error: reason, error_description: text, decision_id: id }),
    },
    dynamicMetadata,
  };
}
