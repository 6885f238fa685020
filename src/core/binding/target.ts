import { Malformed } from '../../lib/malformed.ts';
import { hostText, parseHost } from '../policy/host.ts';

/** Ports that may be left out (RFC 3986 §6.2.3). */
const defaultPorts: Readonly<Record<string, string>> = { http: ':80', https: ':443' };

/** Scheme, authority and the rest. There is nothing to try again, so it takes one look at each character. */
const form = /^(https?):\/\/([^/?#]*)([^?#]*)/i;
/** RFC 3986 §3.3: the characters of a path, with escapes that are whole. */
const pathForm = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/;
const unreserved = /[A-Za-z0-9._~-]/;

/**
 * The normal form of an HTTP address without query and fragment, so that two spellings of one address are
 * equal (RFC 9449 §4.3): scheme and host in lower case, no default port, `/` for an empty path, escapes in
 * upper case and only where they are needed, no dot segments (RFC 3986 §6.2.2 and §6.2.3). Case and a slash
 * at the end of the path count. An escaped `/` or `+` is not the same as the character.
 */
export function normalTarget(text: string): string | Malformed {
  const [, scheme, authority = '', path = ''] = form.exec(text) ?? [];
  if (scheme === undefined) return new Malformed('not an http or https address');
  const host = parseHost(authority.endsWith(':') ? authority.slice(0, -1) : authority);
  if (host instanceof Malformed) return host;
  if (!pathForm.test(path)) return new Malformed('a character or an escape that a path cannot have');
  const kind = scheme.toLowerCase();
  const name = hostText(host);
  const port = defaultPorts[kind] ?? '';
  return `${kind}://${name.endsWith(port) ? name.slice(0, -port.length) : name}${normalPath(path)}`;
}

/**
 * The same for a request. Host and path are the caller's, so none may reach into the other: with the Host
 * `a.example?` every path would be that of `https://a.example/`.
 * @param origin what clients write before the path. Undefined: the host itself
 */
export function requestTarget(
  origin: string | undefined,
  { host, path }: { readonly host: string; readonly path: string },
): string | Malformed {
  if (!path.startsWith('/')) return new Malformed('a path that does not begin with /');
  if (origin === undefined && /[/?#]/.test(host)) return new Malformed('a host that ends too early');
  return normalTarget((origin ?? `https://${host}`) + path);
}

function normalPath(path: string): string {
  if (path === '') return '/';
  const plain = path.includes('%') ? path.replace(/%[0-9A-Fa-f]{2}/g, normalEscape) : path;
  return plain.includes('/.') ? withoutDots(plain) : plain;
}

function normalEscape(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  return unreserved.test(character) ? character : triplet.toUpperCase();
}

/** RFC 3986 §5.2.4. A dot segment at the end leaves its slash. */
function withoutDots(path: string): string {
  const segments = path.slice(1).split('/');
  const kept: string[] = [];
  for (const segment of segments)
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  if (segments.at(-1) === '.' || segments.at(-1) === '..') kept.push('');
  return `/${kept.join('/')}`;
}
