import type { Decision } from '../core/decision.ts';
import { failure } from '../core/outcome.ts';
import { createRefusal, type RefusalStyle } from '../core/refusal.ts';
import type { HttpAnswer } from './transport/server.ts';

/** The form of the answers to one kind of check. */
export interface AnswerStyle {
  readonly refusals: RefusalStyle;
  readonly allows: {
    /** Envoy allows a request with status 200 only. nginx, Caddy and Traefik allow it with every 2xx. */
    readonly status: 200 | 202;
    readonly body: string;
  };
  /**
   * Whether Envoy asks. It removes the headers that an allow names; other proxies do not. And it treats a 5xx
   * as a missing answer: `failure_mode_allow` (Istio: failOpen) would let the request in, and without that
   * the client would get neither our body nor Retry-After.
   */
  readonly forEnvoy: boolean;
}

/** The client reacts to these as to the original status: it comes back later, or it does not. */
const statusForEnvoy: Readonly<Record<number, number>> = { 503: 429, 500: 403 };

/**
 * Translates a decision into an HTTP answer. An allow carries the identity headers, and for Envoy the names
 * of the headers to remove. These include every spelling, because Envoy shows us only the headers that it is
 * told to. Other proxies have to remove the headers that they do not copy.
 */
export function httpAnswerOf(decision: Decision, style: AnswerStyle): HttpAnswer {
  const { refusals, allows, forEnvoy } = style;
  if (decision.effect === 'answer')
    // Its status is 200, which is an allow here. No check at this door ends so.
    return httpAnswerOf(failure(new TypeError('an answer of our own at a door that has none')), style);
  if (decision.effect !== 'allow') {
    const refusal = createRefusal(decision, refusals);
    return forEnvoy ? { ...refusal, status: statusForEnvoy[refusal.status] ?? refusal.status } : refusal;
  }
  const { set, remove } = decision.identity;
  const headers = [...set];
  if (forEnvoy) headers.push(['x-envoy-auth-headers-to-remove', remove.unseen]);
  headers.push(['cache-control', 'no-store']);
  return { ...allows, headers };
}
