import type { CallHeaders } from '../core/check.ts';

/** The span that a check belongs to, as its caller names it. Nothing proves it. */
export interface ParentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  /** The `tracestate`, as it came. At most 512 characters. */
  readonly state: string | undefined;
}

/** The length of version 00, and the most that is read of a later version. */
const length = 55;
const longest = 256;
/** A longer `tracestate` is left out. W3C Trace Context §3.3.1.1 asks for no more than this. */
const longestState = 512;

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/**
 * Reads `traceparent` and `tracestate` (W3C Trace Context §3.2, §3.3). Of a version after 00, only the parts
 * that version 00 has are read. Undefined if `traceparent` is missing or malformed, or if there are two of it.
 * Does **not** check the members of `tracestate`.
 */
export function readParent({ traceparent, tracestate }: CallHeaders): ParentSpan | undefined {
  if (typeof traceparent !== 'string' || traceparent.length < length || traceparent.length > longest)
    return undefined;
  if (!form.test(traceparent)) return undefined;
  if (traceparent.length > length && traceparent.startsWith('00')) return undefined;
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    sampled: (Number.parseInt(traceparent.slice(53, length), 16) & 1) === 1,
    state: typeof tracestate === 'string' && tracestate.length <= longestState ? tracestate : undefined,
  };
}
