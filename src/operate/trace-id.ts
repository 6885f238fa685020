/**
 * The trace ID of a request: from `traceparent` (W3C Trace Context §3.2.2), else from `b3` or `x-b3-traceid`
 * (B3 propagation). Undefined if there is none, or if it is malformed.
 */
export function traceIdOf(headers: Readonly<Record<string, string>>): string | undefined {
  // Long enough for both forms. The rest of a longer header is ignored.
  const [traceparent = '', b3Header] = [headers.traceparent, headers.b3].map((text) => text?.slice(0, 256));
  const w3c = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent)?.[1];
  if (w3c && !/^0+$/.test(w3c)) return w3c;
  const b3 = b3Header?.split('-', 1)[0] ?? headers['x-b3-traceid'] ?? '';
  return /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/.test(b3) ? b3 : undefined;
}
