import type { Evidence, PresentedPeer, PresentedRequest } from '../evidence.ts';
import type { CheckRequest, HttpRequest, Peer, RawHeader } from './protocol.ts';

/** Translates Envoy's CheckRequest, of the HTTP filter or of the TCP filter, into evidence. Decides nothing. */
export function evidenceOf({ attributes }: CheckRequest): Evidence {
  const http = attributes?.request?.http;
  return {
    ...(http && { request: requestOf(http) }),
    peer: peerOf(attributes?.source),
    destination: {
      principal: attributes?.destination?.principal ?? '',
      port: attributes?.destination?.address?.socketAddress?.portValue ?? 0,
    },
    context: attributes?.contextExtensions ?? {},
  };
}

function requestOf(http: HttpRequest): PresentedRequest {
  const raw = http.headerMap?.headers;
  const headers = raw?.length ? joined(raw) : (http.headers ?? {});
  return {
    method: http.method ?? '',
    host: http.host ?? '',
    path: rawPath(raw?.length ? headers[':path'] : undefined) ?? http.path ?? '',
    headers,
    // pack_as_bytes fills raw_body. A form is ASCII; Latin-1 keeps whatever else it is apart.
    ...(http.rawBody?.length
      ? { body: Buffer.from(http.rawBody).toString('latin1') }
      : http.body && { body: http.body }),
  };
}

/** Bytes that are no UTF-8 became other characters in `path`: where the real ones are there, they are what is judged. */
function rawPath(path: string | undefined): string | undefined {
  return path === undefined || /^[ -~]*$/.test(path) ? undefined : path;
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
