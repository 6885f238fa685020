import { hash } from 'node:crypto';

/** Names of headers whose values let their readers pass. */
const secretNames =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|dpop|x-api-key)$|token|secret|password|assertion/i;

/** A secret as it may be shown: enough to tell two apart, and too little to use one. */
export function masked(secret: string): string {
  const head = secret.startsWith('eyJ') ? 'eyJ' : '';
  return `${head}…(${secret.length} characters, sha256 ${hash('sha256', secret).slice(0, 8)})`;
}

/** The value of a header as it may be shown. The scheme of `Authorization` stays. */
export function maskedHeader(name: string, value: string): string {
  if (!secretNames.test(name)) return value;
  const scheme = /^(?:Bearer|Basic|DPoP) /i.exec(value)?.[0] ?? '';
  return scheme + masked(value.slice(scheme.length));
}

/** A path without the values of its query, in which tokens can be. */
export function maskedPath(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : `${path.slice(0, query)}?…(${path.length - query - 1} characters)`;
}
