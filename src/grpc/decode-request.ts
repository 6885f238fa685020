import type { Mutable } from '../lib/mutable.ts';
import type { CheckRequest, HttpRequest, Peer, RawHeader } from './check-messages.ts';
import { type ProtobufReader, readMessage, readNested, type TextPlace } from './protobuf-reader.ts';
import { allAreRead, type PassedOver, type UnreadHeaders } from './unread-headers.ts';

type Attributes = Mutable<NonNullable<CheckRequest['attributes']>>;
type Request = Mutable<NonNullable<Attributes['request']>>;
type Address = Mutable<NonNullable<Peer['address']>>;
type SocketAddress = Mutable<NonNullable<Address['socketAddress']>>;
interface Entry extends TextPlace {
  key: string;
}

/**
 * Decodes the fields of a `CheckRequest` that are read, and passes over all others. The proto files stay the
 * truth: a test compares the result with that of a generated decoder. If a field that may stand once is
 * repeated, the last one counts.
 * @param unread names of headers that are only measured. The door chooses them, see `unreadHeaders`.
 * @throws BrokenMessage if the bytes are not a message, TooManyFields if they are more than a proxy sends
 */
export function decodeCheckRequest(bytes: Buffer, unread = allAreRead): CheckRequest {
  passed = unread;
  const check = readMessage<Mutable<CheckRequest>>(bytes, {}, readCheck);
  return check.attributes?.request?.http?.passedOver?.isRepeated ? decodeCheckRequest(bytes) : check;
}

/** The headers that are passed over in the message at hand. */
let passed: UnreadHeaders = allAreRead;

function readCheck(reader: ProtobufReader, field: number, check: Mutable<CheckRequest>): void {
  if (field === 1) check.attributes = readNested<Attributes>(reader, {}, readAttribute);
}

function readAttribute(reader: ProtobufReader, field: number, attributes: Attributes): void {
  if (field === 1) attributes.source = readNested<Mutable<Peer>>(reader, {}, readPeerField);
  else if (field === 2) attributes.destination = readNested<Mutable<Peer>>(reader, {}, readPeerField);
  else if (field === 4) attributes.request = readNested<Request>(reader, {}, readRequestField);
  else if (field === 10) {
    attributes.contextExtensions ??= newMap();
    addEntry(reader, attributes.contextExtensions);
  }
}

function readPeerField(reader: ProtobufReader, field: number, peer: Mutable<Peer>): void {
  if (field === 1) peer.address = readNested<Address>(reader, {}, readAddressField);
  else if (field === 4) peer.principal = reader.known();
  else if (field === 5) peer.certificate = reader.known();
}

function readAddressField(reader: ProtobufReader, field: number, address: Address): void {
  if (field === 1) address.socketAddress = readNested<SocketAddress>(reader, {}, readSocketField);
}

function readSocketField(reader: ProtobufReader, field: number, socket: SocketAddress): void {
  if (field === 2) socket.address = reader.known();
  else if (field === 3) socket.portValue = reader.uint32();
}

function readRequestField(reader: ProtobufReader, field: number, request: Request): void {
  if (field === 2) request.http = readNested<Mutable<HttpRequest>>(reader, {}, readHttpField);
}

function readHttpField(reader: ProtobufReader, field: number, http: Mutable<HttpRequest>): void {
  switch (field) {
    case 2:
      http.method = reader.known();
      break;
    case 3:
      addHeader(reader, http);
      break;
    case 4:
      http.path = reader.text();
      break;
    case 5:
      http.host = reader.known();
      break;
    case 11:
      http.body = reader.text();
      break;
    case 12:
      http.rawBody = reader.bytes();
      break;
    case 13:
      http.headerMap = { headers: readNested<RawHeader[]>(reader, [], readHeader) };
      break;
  }
}

function readHeader(reader: ProtobufReader, field: number, headers: RawHeader[]): void {
  if (field === 1) headers.push(readNested<Mutable<RawHeader>>(reader, {}, readHeaderField));
}

function readHeaderField(reader: ProtobufReader, field: number, header: Mutable<RawHeader>): void {
  if (field === 1) header.key = reader.name();
  else if (field === 2) header.value = reader.text();
  else if (field === 3) header.rawValue = reader.bytes();
}

function addHeader(reader: ProtobufReader, http: Mutable<HttpRequest>): void {
  readEntry(reader);
  const bit = passed.get(entry.key);
  if (bit === undefined) {
    http.headers ??= newMap();
    putEntry(reader, http.headers);
    return;
  }
  http.passedOver ??= { seen: 0, lines: 0, length: 0, isRepeated: false };
  const sum: Mutable<PassedOver> = http.passedOver;
  if ((sum.seen & bit) !== 0) sum.isRepeated = true;
  sum.seen |= bit;
  sum.lines++;
  sum.length += entry.key.length + reader.lengthAt(entry);
}

function addEntry(reader: ProtobufReader, map: Record<string, string>): void {
  readEntry(reader);
  putEntry(reader, map);
}

function putEntry(reader: ProtobufReader, map: Record<string, string>): void {
  map[entry.key] = steady.has(entry.key) ? reader.knownAt(entry) : reader.textAt(entry);
}

/** Headers that have the same value in many messages, and hold no secret. */
const steady: ReadonlySet<string> = new Set(['content-type', 'user-agent', 'x-forwarded-client-cert']);

/**
 * An entry of a map is a message with a key and a value. What is missing is empty. All entries are read into
 * one object, because a check has dozens.
 */
function readEntry(reader: ProtobufReader): void {
  entry.key = '';
  entry.start = 0;
  entry.end = 0;
  readNested<Entry>(reader, entry, readEntryField);
}

const entry: Entry = { key: '', start: 0, end: 0 };

function readEntryField(reader: ProtobufReader, field: number, into: Entry): void {
  if (field === 1) into.key = reader.name();
  else if (field === 2) reader.place(into);
}

/** Without a prototype, so `__proto__` is a name like all others. */
function newMap(): Record<string, string> {
  return Object.create(null);
}
