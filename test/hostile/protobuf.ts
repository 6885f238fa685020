/**
 * Protobuf by hand, for messages that no library would write (https://protobuf.dev/programming-guides/encoding/). Field
 * numbers are those of `envoy/service/auth/v3`.
 */

/** A varint of any number that is not negative. */
export function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A field with a wire type of one's choice and whatever bytes. */
export function field(number: number, wireType: number, bytes: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([varint(number * 8 + wireType), bytes]);
}

/** A text (Latin-1: a character is a byte), bytes, or a message of fields. */
export function part(number: number, ...content: readonly (string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(
    content.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one)),
  );
  return Buffer.concat([field(number, 2), varint(bytes.length), bytes]);
}

/** An entry of a map of texts. */
export function entry(number: number, key: string, value: string): Buffer {
  return part(number, part(1, key), part(2, value));
}

/** Of AttributeContext.HttpRequest. */
export const http = {
  method: 2,
  headers: 3,
  path: 4,
  host: 5,
  query: 7,
  fragment: 8,
  body: 11,
  rawBody: 12,
  headerMap: 13,
};
/** Of AttributeContext. */
export const attribute = { source: 1, destination: 2, request: 4, context: 10 };
/** Of AttributeContext.Peer. */
export const peer = { address: 1, labels: 3, principal: 4, certificate: 5 };

/** A CheckRequest of these attributes. */
export function checkRequest(...attributes: readonly Buffer[]): Buffer {
  return part(1, ...attributes);
}

/** The attribute of a request with these fields. */
export function httpRequest(...fields: readonly Buffer[]): Buffer {
  return part(attribute.request, part(2, ...fields));
}

/** GET /bearer of the usual host. */
export const usual: readonly Buffer[] = [
  part(http.method, 'GET'),
  part(http.path, '/bearer'),
  part(http.host, 'orders.example.com'),
];

/** All headers as raw bytes (`header_map`). */
export function rawHeaders(...lines: readonly (readonly [key: string, value: string])[]): Buffer {
  return part(http.headerMap, ...lines.map(([key, value]) => part(1, part(1, key), part(3, value))));
}
