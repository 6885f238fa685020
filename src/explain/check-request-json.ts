import type { CheckRequest, HttpRequest, Peer, RawHeader } from '../grpc/check-messages.ts';
import { filledText, isRecord, type JsonObject, listOf, parseJson, recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';

/** Characters. Envoy's own limit for a message is far below. */
const longest = 16_777_216;

/**
 * Reads a recorded `CheckRequest` in the JSON form of protobuf, with names as in the proto files
 * (`context_extensions`) or in camel case. A member of another type is left out, and so is every member that
 * no check reads. Does **not** decide anything: `evidenceOf` translates the result.
 */
export function readCheckRequest(text: string): CheckRequest | Malformed {
  if (text.length > longest) return new Malformed(`longer than ${longest} characters`);
  const whole = parseJson(text);
  if (!isRecord(whole)) return new Malformed('not a JSON object');
  const attributes = member(whole, 'attributes');
  if (!isRecord(attributes)) return new Malformed('not a CheckRequest: "attributes" is missing');
  const http = member(recordOf(member(attributes, 'request')), 'http');
  return {
    attributes: {
      source: readPeer(member(attributes, 'source')),
      destination: readPeer(member(attributes, 'destination')),
      contextExtensions: readTexts(member(attributes, 'contextExtensions')),
      ...(isRecord(http) && { request: { http: readHttp(http) } }),
    },
  };
}

/** Under its name in camel case, or else under the name of the proto file. */
function member(object: JsonObject, name: string): unknown {
  const own = (key: string) => (Object.hasOwn(object, key) ? object[key] : undefined);
  return own(name) ?? own(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function readPeer(value: unknown): Peer {
  const peer = recordOf(value);
  const socket = recordOf(member(recordOf(member(peer, 'address')), 'socketAddress'));
  const port = member(socket, 'portValue');
  return {
    ...text(peer, 'principal'),
    ...text(peer, 'certificate'),
    ...(typeof port === 'number' && { address: { socketAddress: { portValue: port } } }),
  };
}

function readHttp(http: JsonObject): HttpRequest {
  const map = member(http, 'headerMap');
  const body = bytes(member(http, 'rawBody'));
  return {
    ...{ ...text(http, 'method'), ...text(http, 'path'), ...text(http, 'host'), ...text(http, 'body') },
    headers: readTexts(member(http, 'headers')),
    ...(body && { rawBody: body }),
    ...(isRecord(map) && { headerMap: { headers: listOf(member(map, 'headers')).map(readHeader) } }),
  };
}

function readHeader(value: unknown): RawHeader {
  const header = recordOf(value);
  const raw = bytes(member(header, 'rawValue'));
  return { ...text(header, 'key'), ...text(header, 'value'), ...(raw && { rawValue: raw }) };
}

/** Without a prototype, so `__proto__` is a name like all others. */
function readTexts(value: unknown): Record<string, string> {
  const texts: Record<string, string> = Object.create(null);
  for (const [name, one] of Object.entries(recordOf(value))) if (typeof one === 'string') texts[name] = one;
  return texts;
}

function text<Name extends string>(object: JsonObject, name: Name): { readonly [_ in Name]?: string } {
  const value = filledText(member(object, name));
  return (value === undefined ? {} : { [name]: value }) as { readonly [_ in Name]?: string };
}

/** In JSON, bytes are base64. */
function bytes(value: unknown): Uint8Array | undefined {
  const encoded = filledText(value);
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}
