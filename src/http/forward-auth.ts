import { Denial } from '../denial.ts';
import type { Demands, PresentedRequest } from '../evidence.ts';

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
  /** ingress-nginx: one URL, taken apart by hand because a URL parser would change the path. */
  'x-original-url': (headers) => {
    const [, host, path] = /^https?:\/\/([^/?#]+)(.*)$/.exec(headers['x-original-url'] ?? '') ?? [];
    return { method: headers['x-original-method'], host, path };
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
 */
export function originalOf(
  headers: Headers,
  convention: OriginalName,
  repeated: ReadonlySet<string>,
): Original | Denial {
  const { method, host, path } = originals[convention](headers);
  if (!method || !host || !path)
    return new Denial(
      'request_malformed',
      `the proxy did not send all headers of ${convention}: method, host and path`,
    );
  // A proxy before this one may have put two values into one line.
  if (names[convention].some((name) => repeated.has(name)) || /[,\s]/.test(`${method}${host}`))
    return new Denial('request_malformed', `a header of ${convention} came twice`);
  return { method, host, path };
}

const demandNames: Readonly<Record<string, keyof Demands>> = {
  allowed_groups: 'groups',
  allowed_emails: 'emails',
  allowed_email_domains: 'emailDomains',
};

/**
 * What the proxy demands in the query of the check: oauth2-proxy's parameters, of which each may come several times and
 * hold a list. An unknown one is refused, because a restriction that nobody applies is none; one without a value is met
 * by nobody.
 */
export function demandsOf(query: string): Demands | undefined | Denial {
  const demands: { -readonly [Name in keyof Demands]: readonly string[] } = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const list = Object.hasOwn(demandNames, name) ? demandNames[name] : undefined;
    if (!list) return new Denial('request_malformed', 'the proxy asks with an unknown query parameter');
    const entries = value.split(',').map((entry) => entry.trim());
    // In oauth2-proxy `.example.com` is example.com too.
    const named = entries.flatMap((entry) =>
      list === 'emailDomains' ? [entry, entry.replace(/^\*?\./, '')] : [entry],
    );
    demands[list] = [...new Set([...(demands[list] ?? []), ...named.filter((entry) => entry !== '')])];
  }
  return Object.keys(demands).length > 0 ? demands : undefined;
}
