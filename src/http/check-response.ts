import type { Decision } from '../core/decision.ts';
import { createRefusal, type RefusalStyle } from '../core/refusal.ts';
import type { HttpAnswer } from './transport/server.ts';

/** What an answer looks like at one kind of check. */
export interface AnswerStyle {
  readonly refusals: RefusalStyle;
  readonly allows: {
    /** Envoy lets pass with 200 and with nothing else; nginx, Caddy and Traefik with every 2xx. */
    readonly status: 200 | 202;
    readonly body: string;
  };
  /**
   * Whether a 5xx would be taken for no answer at all, as Envoy does: then its `failure_mode_allow` (Istio's failOpen) would
   * let the request in, and otherwise nobody would see our body or Retry-After.
   */
  readonly no5xx: boolean;
}

/** What a client does as with the status that it stands for: come back later, or not. */
const statusForEnvoy: Readonly<Record<number, number>> = { 503: 429, 500: 403 };

/**
 * Translates a decision into an HTTP answer. An allow carries the identity headers, and for Envoy the names of those to
 * remove: every spelling, because it shows us only the headers that it is told to. A proxy that does not know that header
 * has to remove what it does not copy.
 */
export function httpAnswerOf(decision: Decision, { refusals, allows, no5xx }: AnswerStyle): HttpAnswer {
  if (decision.effect !== 'allow') {
    const refusal = createRefusal(decision, refusals);
    return no5xx ? { ...refusal, status: statusForEnvoy[refusal.status] ?? refusal.status } : refusal;
  }
  const { set, remove, spellings } = decision.identity;
  const removed = spellings ? `${remove.join(',')},${spellings}` : remove.join(',');
  return {
    ...allows,
    headers: [...set, ['x-envoy-auth-headers-to-remove', removed], ['cache-control', 'no-store']],
  };
}
