import type { Decision } from '../core/decision.ts';
import type { Identity } from '../core/identity/identity.ts';
import type { RefusalStyle } from '../core/refusal.ts';
import { checkResponseOf } from './check-response.ts';
import { encodeCheckResponse } from './encode-response.ts';
import { prefixBytes } from './transport/reply.ts';

/** An encoded CheckResponse, with room for the prefix of gRPC before it. */
export type FramedResponse = Buffer;

/** An allow, and where its decision ID begins. */
interface FramedAllow {
  readonly framed: FramedResponse;
  readonly idAt: number;
  readonly idLength: number;
}

/**
 * Encodes decisions. The answers to the same token, rule and peer differ only in the decision ID, so they are
 * encoded once. They are kept for as long as the identity that they carry.
 */
export class PreparedAnswers {
  readonly #prepared = new WeakMap<Identity, FramedAllow>();

  frame(decision: Decision, style: RefusalStyle): FramedResponse {
    if (decision.effect !== 'allow' || !decision.identity.isKept) return frame(decision, style);
    const { identity, id } = decision;
    const known = this.#prepared.get(identity);
    if (known?.idLength === id.length) return withId(known, id);
    const framed = frame(decision, style);
    const idAt = framed.lastIndexOf(id);
    if (idAt >= 0) this.#prepared.set(identity, { framed, idAt, idLength: id.length });
    return Buffer.from(framed);
  }
}

function frame(decision: Decision, style: RefusalStyle): FramedResponse {
  return encodeCheckResponse(checkResponseOf(decision, style), prefixBytes);
}

/** IDs are ASCII. */
function withId({ framed, idAt }: FramedAllow, id: string): FramedResponse {
  const copy = Buffer.allocUnsafe(framed.length);
  framed.copy(copy);
  copy.write(id, idAt, 'latin1');
  return copy;
}
