/** Names of headers that need not be decoded. Each has a bit of its own. */
export type UnreadHeaders = ReadonlyMap<string, number>;

/**
 * What proxies and browsers send with each request, and no step of a check reads. A name that is not here is
 * decoded. A spelling of a managed header is none of them (`test/grpc/unread-headers.test.ts`).
 */
const names = [
  ':authority',
  ':method',
  ':path',
  ':scheme',
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-length',
  'if-none-match',
  'origin',
  'pragma',
  'priority',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-spanid',
  'x-envoy-attempt-count',
  'x-envoy-external-address',
  'x-envoy-peer-metadata',
  'x-envoy-peer-metadata-id',
  'x-forwarded-for',
  'x-forwarded-proto',
] as const;

/** All of them but those that a configuration reads. At most 32: the bits of one number. */
export function unreadHeaders(isRead: (name: string) => boolean): UnreadHeaders {
  return new Map(names.filter((name) => !isRead(name)).map((name, n) => [name, 1 << n]));
}

/** All headers are decoded. */
export const allAreRead: UnreadHeaders = new Map();

/** The headers of a request that were passed over. They count toward its size. */
export interface PassedOver {
  /** The bits of their names. */
  readonly seen: number;
  readonly lines: number;
  /** Characters of names and values, as if they were decoded. */
  readonly length: number;
  /** Whether a name came twice. The last one counts, so nothing can be passed over. */
  readonly isRepeated: boolean;
}
