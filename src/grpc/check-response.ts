import type { Decision } from '../core/decision.ts';
import { decisionMetadata } from '../core/identity/metadata.ts';
import { createRefusal, type RefusalStyle } from '../core/refusal.ts';
import type { CheckResponse, HeaderValueOption, Struct, StructValue } from './check-messages.ts';
import { status } from './transport/status.ts';

/**
 * Translates a decision into Envoy's answer. The status is always set, because Envoy reads an answer without
 * a status as an allow. Every refusal is a `denied_response` with code 7 or 16, also an outage. All other
 * answers obey `failure_mode_allow`. An answer of our own is one too, with status 200: Envoy sends it to the
 * client in place of the request to the application.
 */
export function checkResponseOf(decision: Decision, style: RefusalStyle): CheckResponse {
  const dynamicMetadata = structOf(decisionMetadata(decision));
  if (decision.effect === 'allow') {
    const { set, remove } = decision.identity;
    return {
      status: { code: status.OK, message: decision.reason },
      okResponse: { headers: set.map(replace), headersToRemove: remove.names },
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
      headers: own.headers.map(replace),
      body: own.body,
    },
    dynamicMetadata,
  };
}

/** Sets both forms of "replace". Without them Envoy 1.37 appended to the client's own header. */
export function replace([key, value]: readonly [string, string]): HeaderValueOption {
  return { header: { key, value }, append: { value: false }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}

function structOf(facts: ReturnType<typeof decisionMetadata>): Struct {
  const fields: Record<string, StructValue> = {};
  for (const name of Object.keys(facts)) {
    const value = facts[name];
    if (value !== undefined)
      fields[name] =
        typeof value === 'string'
          ? { stringValue: value }
          : { listValue: { values: value.map((stringValue: string) => ({ stringValue })) } };
  }
  return { fields };
}
