/**
 * The trace that a request belongs to: from `traceparent` (W3C Trace Context §3.2.2), else from `b3` or `x-b3-traceid`
 * (B3 propagation). Undefined where there is none or it is not well formed.
 */
export function traceIdOf(headers: Readonly<Record<string, string>>): string | undefined {
  // Enough for either, however long they are.
  const [traceparent = '', b3Header] = [headers.traceparent, headers.b3].map((text) => text?.slice(0, 256));
  const w3c = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent)?.[1];
  if (w3c && !/^0+$/.test(w3c)) return w3c;
  const b3 = b3Header?.split('-', 1)[0] ?? headers['x-b3-traceid'] ?? '';
  return /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/.test(b3) ? b3 : undefined;
}
