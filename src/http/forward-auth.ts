import { Denial } from '../core/denial.ts';
import type { AllowLists, PresentedRequest } from '../core/evidence.ts';
import { isName, walkPairs } from '../core/token/form.ts';
import { quoted } from '../lib/excerpt.ts';

type Original = Pick<PresentedRequest, 'method' | 'host' | 'path'>;
type Headers = Readonly<Record<string, string>>;

/** The headers of one convention. `url` holds host and path together. */
type Convention = { readonly method: string } & (
  | { readonly host: string; readonly path: string }
  | { readonly url: string }
);

/**
 * The headers in which a proxy describes the original request, one row a convention. A proxy sets all of them
 * on each check. A missing one is refused: a client could supply it where the proxy does not.
 */
const conventions = {
  /** nginx `auth_request`, as the nginx guides write it. */
  'x-original': { method: 'x-original-method', host: 'x-original-host', path: 'x-original-uri' },
  /**
   * ingress-nginx. The host in its URL is the client's Host header (`$http_host`). In nginx an absolute
   * request line or HTTP/2 overrides that header, see `hostHeader`.
   */
  'x-original-url': { method: 'x-original-method', url: 'x-original-url' },
  /** Caddy and Traefik `forward_auth`. */
  'x-forwarded': { method: 'x-forwarded-method', host: 'x-forwarded-host', path: 'x-forwarded-uri' },
} as const satisfies Record<string, Convention>;

export type OriginalName = keyof typeof conventions;
export const originalNames = Object.keys(conventions) as OriginalName[];

/** Host and path of an absolute URL, unchanged. A URL parser would change the path. A line end is refused. */
function splitUrl(url: string): { readonly host: string | undefined; readonly path: string | undefined } {
  const scheme = ['http://', 'https://'].find((one) => url.startsWith(one))?.length;
  const end = scheme && url.slice(scheme).search(/[/?#]/) + scheme;
  if (!scheme || !end || end <= scheme || /[\n\r\u2028\u2029]/.test(url))
    return { host: undefined, path: undefined };
  return { host: url.slice(scheme, end), path: url.slice(end) };
}

/**
 * Reads the original request by the named convention.
 * @param repeated names of headers that came more than once; we cannot know which value is the proxy's
 * @param hostHeader the header with the host that the proxy routed by. If the convention holds another host,
 * the request is refused: it could be judged for one application and served by another.
 */
export function readOriginal(
  headers: Headers,
  convention: OriginalName,
  repeated: ReadonlySet<string>,
  hostHeader?: string,
): Original | Denial {
  const names: Convention = conventions[convention];
  const method = headers[names.method];
  const said =
    'url' in names
      ? splitUrl(headers[names.url] ?? '')
      : { host: headers[names.host], path: headers[names.path] };
  const { path } = said;
  const host = hostHeader === undefined ? said.host : said.host && headers[hostHeader];
  const sent = [...Object.values(names), ...(hostHeader === undefined ? [] : [hostHeader])];
  if (!method || !host || !path) return new Denial('request_malformed', describeUnsent(sent, headers));
  // Another proxy in front may have put two values into one line.
  if (sent.some((name) => repeated.has(name)) || /[,\s]/.test(`${method}${host}`))
    return new Denial('request_malformed', `a header of ${convention} came twice`);
  if (hostHeader !== undefined && normalHost(said.host ?? '') !== normalHost(host))
    return new Denial('request_malformed', `${convention} names another host than ${hostHeader}`);
  return { method, host, path };
}

/** Names of headers only: the values describe a request that may be anybody's. */
function describeUnsent(sent: readonly string[], headers: Headers): string {
  const missing = sent.filter((name) => !headers[name]);
  const what = missing.length > 0 ? `did not send ${missing.join(', ')}` : 'sent a URL that is not absolute';
  return `the proxy ${what}; it must send all of ${sent.join(', ')}`;
}

/** The part of a host that nginx compares: lower case, without the port and one final dot. */
function normalHost(host: string): string {
  const colon = host.lastIndexOf(':');
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

const listOfParameter = {
  allowed_groups: 'groups',
  allowed_emails: 'emails',
  allowed_email_domains: 'emailDomains',
} as const satisfies Record<string, keyof AllowLists>;
const allowListNames = Object.keys(listOfParameter) as (keyof typeof listOfParameter)[];
/** The limit for the proxy's own query. */
const longestQuery = 8_192;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads the allow lists in the query of the check. These are the parameters of oauth2-proxy. Each may come
 * several times and hold a list. An unknown parameter is refused, because ignoring it would drop a
 * restriction. An empty list matches no request.
 */
export function readAllowLists(query: string): AllowLists | undefined | Denial {
  const found: Partial<Record<keyof AllowLists, Set<string>>> = {};
  if (query.length > longestQuery)
    return new Denial('request_malformed', `the query of the proxy has more than ${longestQuery} characters`);
  let flaw: Denial | undefined;
  walkPairs(query.slice(1), '&', (bytes, begin, equals, end) => {
    if (flaw) return;
    const name = allowListNames.find((one) => isName(one, bytes, begin, equals));
    if (!name) {
      const unknown = quoted(utf8.decode(bytes.subarray(begin, Math.min(equals, begin + 160))), 40);
      flaw = new Denial(
        'request_malformed',
        `the query of the proxy has an unknown parameter: ${unknown}; known are ${allowListNames.join(', ')}`,
      );
      return;
    }
    const list = found[listOfParameter[name]] ?? new Set<string>();
    found[listOfParameter[name]] = list;
    const value = utf8.decode(bytes.subarray(Math.min(equals + 1, end), end));
    for (const entry of value.split(',').map((one) => one.trim())) {
      if (entry !== '') list.add(entry);
      // In oauth2-proxy `.example.com` also matches example.com.
      const bare = name === 'allowed_email_domains' ? entry.replace(/^\*?\./, '') : '';
      if (bare !== '') list.add(bare);
    }
  });
  if (flaw) return flaw;
  const allowLists = Object.fromEntries(Object.entries(found).map(([list, entries]) => [list, [...entries]]));
  return Object.keys(allowLists).length > 0 ? allowLists : undefined;
}
