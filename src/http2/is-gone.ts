import type { Http2Stream } from 'node:http2';

/** Whether nobody waits for an answer on a stream any more: it has ended, or its client has reset it. */
export function isGone({ closed, destroyed }: Http2Stream): boolean {
  return closed || destroyed;
}
