import { Denial } from '../core/denial.ts';
import type { Evidence, PresentedPeer, PresentedRequest } from '../core/evidence.ts';
import { HeadSize, longestBody, longestHead, mostHeaders } from '../core/presented-size.ts';
import type { Mutable } from '../lib/mutable.ts';
import type { CheckRequest, HttpRequest, Peer, RawHeader } from './check-messages.ts';

/**
 * Translates Envoy's CheckRequest into evidence, for the HTTP filter and for the TCP filter. Decides nothing.
 * A request that is too large gets a flaw, and its headers are not read any further.
 */
export function evidenceOf({ attributes }: CheckRequest): Evidence {
  const http = attributes?.request?.http;
  const sourceAddress = attributes?.source?.address?.socketAddress?.address;
  // Parts that may be missing are added afterwards: to spread each would make an object for each.
  const evidence: Mutable<Evidence> = {
    peer: peerOf(attributes?.source),
    destination: {
      principal: attributes?.destination?.principal ?? '',
      port: attributes?.destination?.address?.socketAddress?.portValue ?? 0,
    },
    context: attributes?.contextExtensions ?? nothing,
  };
  if (http && hasRoom(http)) evidence.request = requestOf(http);
  else if (http) {
    evidence.request = shortened(http);
    evidence.flaw = new Denial('request_too_large', tooMuch);
  }
  if (sourceAddress) evidence.sourceAddress = sourceAddress;
  return evidence;
}

const nothing: Readonly<Record<string, never>> = {};

const tooMuch = `more than ${longestHead} characters of headers and path, or than ${mostHeaders} headers`;

function hasRoom(http: HttpRequest): boolean {
  const { method = '', host = '', path = '', headers, headerMap, passedOver } = http;
  const size = new HeadSize({ method, host, path });
  if (passedOver) size.addLines(passedOver);
  for (const { key = '', value = '', rawValue } of headerMap?.headers ?? [])
    if (!size.add(key, rawValue?.length ? rawValue : value)) return false;
  // `for … in` takes three times as long here.
  for (const name of Object.keys(headers ?? {})) if (!size.add(name, headers?.[name] ?? '')) return false;
  return size.fits();
}

/** Only for the log. */
function shortened({ method = '', host = '', path = '' }: HttpRequest): PresentedRequest {
  const [shownMethod = '', shownHost = '', shownPath = ''] = [method, host, path].map((text) =>
    text.slice(0, 1_024),
  );
  return { method: shownMethod, host: shownHost, path: shownPath, headers: {} };
}

function requestOf(http: HttpRequest): PresentedRequest {
  const raw = http.headerMap?.headers;
  const headers = raw?.length ? joined(raw) : (http.headers ?? nothing);
  const request: Mutable<PresentedRequest> = {
    method: http.method ?? '',
    host: http.host ?? '',
    path: pathOf(http),
    headers,
  };
  // With pack_as_bytes the body is in raw_body. A form is ASCII. Latin-1 keeps all other bytes distinct. One
  // character beyond the limit is kept, so that a body that is too long is noticed.
  if (http.rawBody?.length)
    request.body = Buffer.from(http.rawBody.subarray(0, longestBody + 1)).toString('latin1');
  else if (http.body) request.body = unhidden(beginning(http.body));
  return request;
}

/** A copy of what is kept, because a slice would hold all of it. What is not Latin-1 is lost: it is not read. */
function beginning(body: string): string {
  return body.length <= longestBody
    ? body
    : Buffer.from(body.slice(0, longestBody + 1), 'latin1').toString('latin1');
}

/**
 * The path as it was received. With encode_raw_headers its bytes are present. If they are not ASCII, these
 * bytes are judged. Otherwise Envoy has written `!` for each byte that is not UTF-8, and the application
 * would get a path that was not judged.
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
 * A `!` may stand for a byte that a protobuf string cannot hold. It becomes U+FFFD, which is refused where it
 * matters. Replacing one is enough, and replacing thousands would take milliseconds.
 */
function unhidden(text: string): string {
  return text.replace('!', '\ufffd');
}

/** encode_raw_headers keeps repeated headers separate. They are joined as Envoy joins them in `headers`. */
function joined(raw: readonly RawHeader[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const { key = '', value, rawValue } of raw) {
    const name = key.toLowerCase();
    // Latin-1 keeps all bytes distinct. Characters beyond ASCII are refused where they matter.
    const text = rawValue?.length ? Buffer.from(rawValue).toString('latin1') : (value ?? '');
    headers[name] = headers[name] === undefined ? text : `${headers[name]},${text}`;
  }
  return headers;
}

function peerOf(source: Peer | null | undefined): PresentedPeer {
  const peer: Mutable<PresentedPeer> = {};
  if (source?.certificate) peer.certificate = source.certificate;
  if (source?.principal) peer.principal = source.principal;
  return peer;
}
