/** Whether only this machine reaches an address, by the look of it; an IPv6 host may stand in brackets. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}
