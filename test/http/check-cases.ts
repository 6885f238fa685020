import type { Evidence } from '../../src/core/evidence.ts';
import type { HttpCheck } from '../../src/http/transport/server.ts';

/** What the HTTP door hands to its translators, with the least that makes sense. */
export function checkOf(more: Partial<HttpCheck> = {}): HttpCheck {
  return {
    method: 'GET',
    host: 'orders.example.com',
    target: '/orders',
    headers: {},
    repeated: new Set(),
    remoteAddress: '127.0.0.1',
    ...more,
  };
}

/** The request and nothing else: what both translators make of a check without peers. */
export function asked(evidence: Evidence) {
  const { request, ...rest } = evidence;
  return { ...rest, request: request && { ...request, headers: { ...request.headers } } };
}

/** A check over HTTP shows no connection of the application, and no configuration of the route. */
export const nothingElse = { peer: {}, destination: { principal: '', port: 0 }, context: {} };
