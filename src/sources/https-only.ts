const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether an issuer's URL may be asked: https, or http to this machine itself, or http where the configuration says so by name. */
export function mayBeAsked(url: URL, allowInsecureHttp: boolean): boolean {
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (allowInsecureHttp || loopback.test(url.hostname));
}

/** Whether metadata that came from one URL may send us to another: never from https down to http, this machine's neither. */
export function mayLeadTo(from: URL, to: URL, allowInsecureHttp: boolean): boolean {
  return to.protocol === 'https:' || (from.protocol === 'http:' && mayBeAsked(to, allowInsecureHttp));
}
