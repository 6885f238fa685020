import { Denial } from '../core/denial.ts';
import type { AllowLists, PresentedRequest } from '../core/evidence.ts';
import { isName, walkPairs } from '../core/token/form.ts';

type Original = Pick<PresentedRequest, 'method' | 'host' | 'path'>;
type Headers = Readonly<Record<string, string>>;

/**
 * Where a proxy writes down the request that it asks about, one row a convention. A proxy sets every header of its row
 * on each check: one that is missing is refused, because a client could supply it where the proxy does not.
 */
export const originals = {
  /** nginx `auth_request`, as its guides have it. */
  'x-original': (headers) => ({
    method: headers['x-original-method'],
    host: headers['x-original-host'],
    path: headers['x-original-uri'],
  }),
  /**
   * ingress-nginx: one URL, taken apart by hand because a URL parser would change the path. Its host is what the client's
   * Host header says (`$http_host`), which an absolute request line or HTTP/2 overrules in nginx: see `hostHeader`.
   */
  'x-original-url': (headers) => {
    return { method: headers['x-original-method'], ...partsOf(headers['x-original-url'] ?? '') };
  },
  /** Caddy and Traefik `forward_auth`. */
  'x-forwarded': (headers) => ({
    method: headers['x-forwarded-method'],
    host: headers['x-forwarded-host'],
    path: headers['x-forwarded-uri'],
  }),
} as const satisfies Record<
  string,
  (headers: Headers) => { readonly [Part in keyof Original]: string | undefined }
>;

/** Host and path of an absolute URL, as they stand there. A line end has no place in one. */
function partsOf(url: string): { readonly host: string | undefined; readonly path: string | undefined } {
  const scheme = ['http://', 'https://'].find((one) => url.startsWith(one))?.length;
  const end = scheme && url.slice(scheme).search(/[/?#]/) + scheme;
  if (!scheme || !end || end <= scheme || /[\n\r\u2028\u2029]/.test(url))
    return { host: undefined, path: undefined };
  return { host: url.slice(scheme, end), path: url.slice(end) };
}

export type OriginalName = keyof typeof originals;
export const originalNames = Object.keys(originals) as OriginalName[];

const names: Readonly<Record<OriginalName, readonly string[]>> = {
  'x-original': ['x-original-method', 'x-original-host', 'x-original-uri'],
  'x-original-url': ['x-original-method', 'x-original-url'],
  'x-forwarded': ['x-forwarded-method', 'x-forwarded-host', 'x-forwarded-uri'],
};

/**
 * The original request by the named convention.
 * @param repeated names of headers that came more than once: whoever wrote the second, it is not for us to choose
 * @param hostHeader names the header with the host that the proxy routed by; where the convention holds another host, the
 * request could be judged for one application and served by another, so it is refused
 */
export function originalOf(
  headers: Headers,
  convention: OriginalName,
  repeated: ReadonlySet<string>,
  hostHeader?: string,
): Original | Denial {
  const said = originals[convention](headers);
  const { method, path } = said;
  const host = hostHeader === undefined ? said.host : said.host && headers[hostHeader];
  if (!method || !host || !path)
    return new Denial(
      'request_malformed',
      `the proxy did not send all headers of ${convention}: method, host and path${hostHeader === undefined ? '' : `, and ${hostHeader}`}`,
    );
  const sent = hostHeader === undefined ? names[convention] : [...names[convention], hostHeader];
  // A proxy before this one may have put two values into one line.
  if (sent.some((name) => repeated.has(name)) || /[,\s]/.test(`${method}${host}`))
    return new Denial('request_malformed', `a header of ${convention} came twice`);
  if (hostHeader !== undefined && nameOf(said.host ?? '') !== nameOf(host))
    return new Denial('request_malformed', `${convention} names another host than ${hostHeader}`);
  return { method, host, path };
}

/** What nginx compares of a host: without case, port and one final dot. */
function nameOf(host: string): string {
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
export function allowListsOf(query: string): AllowLists | undefined | Denial {
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
