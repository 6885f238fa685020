/** Whether a host is a loopback address (an IPv6 one may stand in brackets). Does **not** resolve names. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}

/** The same for a `Host` header, which may have a port. */
export function isLoopbackHost(header: string): boolean {
  return isLoopback(header.replace(/:\d{1,5}$/, '').toLowerCase());
}
