import { type RefusalStyle, refusalOf } from '../answer.ts';
import type { Decision } from '../decision.ts';
import type { HttpAnswer } from './server.ts';

/** What an allow looks like at one kind of check. */
export interface AllowStyle {
  /** Envoy lets pass with 200 and with nothing else; nginx, Caddy and Traefik with every 2xx. */
  readonly status: 200 | 202;
  readonly body: string;
}

/**
 * Translates a decision into an HTTP answer. An allow carries the identity headers, and for Envoy the names of those to
 * remove; a proxy that does not know that header has to remove what it does not copy.
 */
export function httpAnswerOf(decision: Decision, refusals: RefusalStyle, allows: AllowStyle): HttpAnswer {
  if (decision.effect !== 'allow') return refusalOf(decision, refusals);
  const { set, remove } = decision.identity;
  return {
    ...allows,
    headers: [...set, ['x-envoy-auth-headers-to-remove', remove.join(',')], ['cache-control', 'no-store']],
  };
}
