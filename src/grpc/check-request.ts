import { Denial } from '../core/denial.ts';
import type { Evidence, PresentedPeer, PresentedRequest } from '../core/evidence.ts';
import { HeadSize, longestBody, longestHead, mostHeaders } from '../core/presented-size.ts';
import type { CheckRequest, HttpRequest, Peer, RawHeader } from './check-messages.ts';

/**
 * Translates Envoy's CheckRequest, of the HTTP filter or of the TCP filter, into evidence. Decides nothing. What is too
 * large is a flaw, and is not looked at any further.
 */
export function evidenceOf({ attributes }: CheckRequest): Evidence {
  const http = attributes?.request?.http;
  const tooLarge = http && !hasRoom(http);
  return {
    ...(http && { request: tooLarge ? shortened(http) : requestOf(http) }),
    ...(tooLarge && { flaw: new Denial('request_too_large', tooMuch) }),
    peer: peerOf(attributes?.source),
    destination: {
      principal: attributes?.destination?.principal ?? '',
      port: attributes?.destination?.address?.socketAddress?.portValue ?? 0,
    },
    context: attributes?.contextExtensions ?? {},
  };
}

const tooMuch = `more than ${longestHead} characters of headers and path, or than ${mostHeaders} headers`;

function hasRoom({ method = '', host = '', path = '', headers, headerMap }: HttpRequest): boolean {
  const size = new HeadSize({ method, host, path });
  for (const { key = '', value = '', rawValue } of headerMap?.headers ?? [])
    if (!size.add(key, rawValue?.length ? rawValue : value)) return false;
  for (const name in headers) if (!size.add(name, headers[name] ?? '')) return false;
  return size.fits();
}

/** For the log alone. */
function shortened({ method = '', host = '', path = '' }: HttpRequest): PresentedRequest {
  const [shownMethod = '', shownHost = '', shownPath = ''] = [method, host, path].map((text) =>
    text.slice(0, 1_024),
  );
  return { method: shownMethod, host: shownHost, path: shownPath, headers: {} };
}

function requestOf(http: HttpRequest): PresentedRequest {
  const raw = http.headerMap?.headers;
  const headers = raw?.length ? joined(raw) : (http.headers ?? {});
  return {
    method: http.method ?? '',
    host: http.host ?? '',
    path: pathOf(http),
    headers,
    // pack_as_bytes fills raw_body. A form is ASCII; Latin-1 keeps whatever else it is apart. One character more than is
    // read says that it is too long.
    ...(http.rawBody?.length
      ? { body: Buffer.from(http.rawBody.subarray(0, longestBody + 1)).toString('latin1') }
      : http.body && { body: unhidden(http.body.slice(0, longestBody + 1)) }),
  };
}

/**
 * The path as it was received. With encode_raw_headers its bytes are there, and where these are no ASCII they are what is
 * judged. Otherwise Envoy has put `!` for each byte that is no UTF-8, and the application would get another path than was
 * judged.
 */
function pathOf({ path = '', headerMap }: HttpRequest): string {
  const bytes = headerMap?.headers?.find(({ key }) => key === ':path')?.rawValue;
  if (!bytes?.length) {
    const query = path.indexOf('?');
    return query < 0 ? unhidden(path) : unhidden(path.slice(0, query)) + path.slice(query);
  }
  const shown = Buffer.from(bytes).toString('latin1');
  return /^[ -~]*$/.test(shown) ? path : shown;
}

/**
 * A `!` may stand for a byte that protobuf cannot carry in a text: U+FFFD says so, and is refused where it matters. One is
 * enough for that, and thousands would cost milliseconds.
 */
function unhidden(text: string): string {
  return text.replace('!', '\ufffd');
}

/** encode_raw_headers keeps duplicates apart; they are joined as Envoy joins them in `headers`, so both read alike. */
function joined(raw: readonly RawHeader[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const { key = '', value, rawValue } of raw) {
    const name = key.toLowerCase();
    // Latin-1 keeps every byte apart; what is not ASCII is refused where it would matter.
    const text = rawValue?.length ? Buffer.from(rawValue).toString('latin1') : (value ?? '');
    headers[name] = headers[name] === undefined ? text : `${headers[name]},${text}`;
  }
  return headers;
}

function peerOf(source: Peer | null | undefined): PresentedPeer {
  return {
    ...(source?.certificate && { certificate: source.certificate }),
    ...(source?.principal && { principal: source.principal }),
  };
}
