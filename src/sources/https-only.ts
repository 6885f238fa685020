import { isLoopback } from '../lib/loopback.ts';

/** Whether an issuer's URL may be asked: https, or http to this machine itself, or http where the configuration says so by name. */
export function mayBeAsked(url: URL, allowInsecureHttp: boolean): boolean {
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (allowInsecureHttp || isLoopback(url.hostname));
}

/** What is wrong with a configured URL, if anything; whether it is a URL at all is said elsewhere. */
export function wrongScheme(url: unknown, allowInsecureHttp: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  return mayBeAsked(new URL(url), allowInsecureHttp === true)
    ? undefined
    : 'must be https; plain http only to this machine, or with allowInsecureHttp: true';
}

/** Whether metadata that came from one URL may send us to another: never from https down to http, this machine's neither. */
export function mayLeadTo(from: URL, to: URL, allowInsecureHttp: boolean): boolean {
  return to.protocol === 'https:' || (from.protocol === 'http:' && mayBeAsked(to, allowInsecureHttp));
}
