import type { PresentedRequest } from '../evidence.ts';
import { hasParameter } from './form.ts';
import { isOfScheme } from './scheme.ts';

/** Schemes that may be named in the log. The first word of another value may be a token. */
const schemes = ['Basic', 'Digest', 'Negotiate', 'NTLM', 'Token', 'ApiKey', 'WPT'] as const;

/** Characters that are looked at. Such a request costs its sender nothing, so it must be cheap here too. */
const mostLooked = 1_024;

/** Says for the log what a request without a bearer token holds in its place. Never shows a value. */
export function describeMissingToken({ headers, path }: PresentedRequest): string {
  const { authorization } = headers;
  if (authorization === '') return 'Authorization is empty';
  if (authorization !== undefined) return describeScheme(authorization.slice(0, mostLooked));
  const query = path.indexOf('?');
  if (query >= 0 && hasParameter(path.slice(query + 1, query + 1 + mostLooked), 'access_token'))
    return 'Authorization is missing; access_token in the query does not count';
  const other = ['proxy-authorization', 'cookie'].find((name) => headers[name]);
  return `Authorization is missing${other ? `; ${other} does not count` : ''}`;
}

function describeScheme(header: string): string {
  const scheme = schemes.find((name) => isOfScheme(header, name.toLowerCase()));
  if (scheme) return `Authorization holds ${scheme} instead of Bearer`;
  return header.startsWith('eyJ')
    ? 'Authorization holds a token without the word Bearer'
    : 'Authorization does not begin with Bearer';
}

/** What is wrong with a value that begins with a scheme. One row a mistake, in this order. */
const flaws: readonly (readonly [what: string, is: (header: string, scheme: string) => boolean])[] = [
  ['something stands before *', (header, scheme) => !begins(header, scheme)],
  ['the token is missing', (header, scheme) => /^[ \t]*$/.test(header.slice(scheme.length))],
  ['one space must follow *', (header, scheme) => !/^ [^ ]/.test(header.slice(scheme.length))],
  ['* stands twice', (header, scheme) => begins(header.slice(scheme.length + 1), scheme)],
  ['a quotation mark', (header) => /["']/.test(header)],
  ['a blank or a line end in the token', (header, scheme) => /\s/.test(header.slice(scheme.length + 1))],
];

/** Says for the log why the value is not one token of this scheme. Never shows a part of it. */
export function describeSchemeFlaw(header: string, scheme: 'bearer' | 'dpop'): string {
  const name = scheme === 'bearer' ? 'Bearer' : 'DPoP';
  const flaw =
    flaws.find(([, is]) => is(header, scheme))?.[0].replace('*', name) ??
    'a character that a token cannot have';
  return `not "${name}", one space and one token: ${flaw}`;
}

function begins(text: string, scheme: string): boolean {
  return text.slice(0, scheme.length).toLowerCase() === scheme;
}
