/**
 * The trace ID of a request: from `traceparent` (W3C Trace Context §3.2.2), else from `b3` or `x-b3-traceid`
 * (B3 propagation). Undefined if there is none, or if it is malformed.
 */
export function readTraceId(headers: Readonly<Record<string, string>>): string | undefined {
  const traceparent = headers.traceparent;
  const b3 = headers.b3;
  if (traceparent !== undefined && w3c.test(traceparent)) {
    const id = traceparent.slice(3, 35);
    if (id !== noTrace) return id;
  }
  // Longer than every form of it. The rest of a longer header is ignored.
  const id = b3 === undefined ? headers['x-b3-traceid'] : b3.slice(0, 256).split('-', 1)[0];
  return id !== undefined && b3Id.test(id) ? id : undefined;
}

const w3c = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/;
const noTrace = '0'.repeat(32);
const b3Id = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
