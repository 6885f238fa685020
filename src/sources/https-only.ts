import { isLoopback } from '../lib/loopback.ts';

/** Whether an issuer's URL may be used: https, http to a loopback address, or http if it is allowed. */
export function mayBeAsked(url: URL, allowInsecureHttp: boolean): boolean {
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (allowInsecureHttp || isLoopback(url.hostname));
}

/** What is wrong with a configured URL, if anything. A text that is not a URL is **not** reported here. */
export function wrongScheme(url: unknown, allowInsecureHttp: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  return mayBeAsked(new URL(url), allowInsecureHttp === true)
    ? undefined
    : 'must be https; http is allowed only to this machine, or with allowInsecureHttp: true';
}

/** Whether metadata from one URL may lead to another: never from https to http, not even on this machine. */
export function mayLeadTo(from: URL, to: URL, allowInsecureHttp: boolean): boolean {
  return to.protocol === 'https:' || (from.protocol === 'http:' && mayBeAsked(to, allowInsecureHttp));
}
