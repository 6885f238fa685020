import { isIP } from 'node:net';

/** No address is longer than this, not even one with a zone. */
const longestAddress = 64;

/**
 * The address of the client from `x-forwarded-for`: the last one, which the asking proxy itself wrote. A
 * client can write those before it. Undefined if that is not an IP address. Whether the proxy writes this
 * header at all is **not** checked, so the address is good for the log only.
 */
export function readSourceAddress(forwardedFor: string | undefined): string | undefined {
  if (!forwardedFor) return undefined;
  const begin = forwardedFor.lastIndexOf(',') + 1;
  const last = forwardedFor.slice(forwardedFor[begin] === ' ' ? begin + 1 : begin);
  return last.length <= longestAddress && isIP(last) ? last : undefined;
}
