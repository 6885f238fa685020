import { Denial } from '../core/denial.ts';
import type { AllowLists, PresentedRequest } from '../core/evidence.ts';
import { isName, walkPairs } from '../core/token/form.ts';

type Original = Pick<PresentedRequest, 'method' | 'host' | 'path'>;
type Headers = Readonly<Record<string, string>>;

/** The headers of one convention. `url` holds host and path together. */
type Convention = { readonly method: string } & (
  | { readonly host: string; readonly path: string }
  | { readonly url: string }
);

/**
 * The headers in which a proxy describes the original request, one row a convention. A proxy sets every header of its
 * row on each check. A missing one is refused, because a client could supply it where the proxy does not.
 */
const conventions = {
  /** nginx `auth_request`, as its guides have it. */
  'x-original': { method: 'x-original-method', host: 'x-original-host', path: 'x-original-uri' },
  /**
   * ingress-nginx. The host in its URL is what the client's Host header says (`$http_host`). An absolute request line or
   * HTTP/2 overrules that header in nginx: see `hostHeader`.
   */
  'x-original-url': { method: 'x-original-method', url: 'x-original-url' },
  /** Caddy and Traefik `forward_auth`. */
  'x-forwarded': { method: 'x-forwarded-method', host: 'x-forwarded-host', path: 'x-forwarded-uri' },
} as const satisfies Record<string, Convention>;

export type OriginalName = keyof typeof conventions;
export const originalNames = Object.keys(conventions) as OriginalName[];

/** Host and path of an absolute URL, as they stand there. A line end has no place in one. */
function splitUrl(url: string): { readonly host: string | undefined; readonly path: string | undefined } {
  const scheme = ['http://', 'https://'].find((one) => url.startsWith(one))?.length;
  const end = scheme && url.slice(scheme).search(/[/?#]/) + scheme;
  if (!scheme || !end || end <= scheme || /[\n\r\u2028\u2029]/.test(url))
    return { host: undefined, path: undefined };
  return { host: url.slice(scheme, end), path: url.slice(end) };
}

/**
 * The original request by the named convention.
 * @param repeated names of headers that came more than once: whoever wrote the second, it is not for us to choose
 * @param hostHeader names the header with the host that the proxy routed by; where the convention holds another host, the
 * request could be judged for one application and served by another, so it is refused
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
  if (!method || !host || !path)
    return new Denial(
      'request_malformed',
      `the proxy did not send all headers of ${convention}: method, host and path${hostHeader === undefined ? '' : `, and ${hostHeader}`}`,
    );
  const sent = [...Object.values(names), ...(hostHeader === undefined ? [] : [hostHeader])];
  // A proxy before this one may have put two values into one line.
  if (sent.some((name) => repeated.has(name)) || /[,\s]/.test(`${method}${host}`))
    return new Denial('request_malformed', `a header of ${convention} came twice`);
  if (hostHeader !== undefined && normalHost(said.host ?? '') !== normalHost(host))
    return new Denial('request_malformed', `${convention} names another host than ${hostHeader}`);
  return { method, host, path };
}

/** What nginx compares of a host: without case, port and one final dot. */
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
/** Of the proxy's own query. */
const longestQuery = 8_192;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * What the proxy demands in the query of the check: oauth2-proxy's parameters, of which each may come several times and
 * hold a list. An unknown one is refused, because a restriction that nobody applies is none; one without a value is met
 * by nobody.
 */
export function readAllowLists(query: string): AllowLists | undefined | Denial {
  const found: Partial<Record<keyof AllowLists, Set<string>>> = {};
  if (query.length > longestQuery)
    return new Denial('request_malformed', `the proxy asks with more than ${longestQuery} characters`);
  let flaw: Denial | undefined;
  walkPairs(query.slice(1), '&', (bytes, begin, equals, end) => {
    if (flaw) return;
    const name = allowListNames.find((one) => isName(one, bytes, begin, equals));
    if (!name) {
      flaw = new Denial('request_malformed', 'the proxy asks with an unknown query parameter');
      return;
    }
    const list = found[listOfParameter[name]] ?? new Set<string>();
    found[listOfParameter[name]] = list;
    const value = utf8.decode(bytes.subarray(Math.min(equals + 1, end), end));
    for (const entry of value.split(',').map((one) => one.trim())) {
      if (entry !== '') list.add(entry);
      // In oauth2-proxy `.example.com` is example.com too.
      const bare = name === 'allowed_email_domains' ? entry.replace(/^\*?\./, '') : '';
      if (bare !== '') list.add(bare);
    }
  });
  if (flaw) return flaw;
  const allowLists = Object.fromEntries(Object.entries(found).map(([list, entries]) => [list, [...entries]]));
  return Object.keys(allowLists).length > 0 ? allowLists : undefined;
}
