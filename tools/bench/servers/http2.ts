/**
 * A floor: gRPC on bare node:http2. It reads the token and the certificate of each check with a reader that skips the rest,
 * knows both from earlier checks, compares the thumbprint, and sends bytes that were made before. It verifies nothing.
 * Prints its port.
 */
import { createHash } from 'node:crypto';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

const allowed = Buffer.from('00000000020a00', 'hex'); // status: {}
const denied = Buffer.from('00000000040a020810', 'hex'); // status: { code: 16 }
const head = { ':status': 200, 'content-type': 'application/grpc' };
const trailers = { 'grpc-status': '0' };
const prefixBytes = 5;

const boundTo = remembering((token) => {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return claims.cnf['x5t#S256'] as string;
});
const thumbprintOf = remembering((encoded) => {
  const base64 = decodeURIComponent(encoded).replace(/-----[A-Z ]+-----/g, '');
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64url');
});

const server = createServer({ settings: { maxConcurrentStreams: 4096 } });
server.on('stream', (stream: ServerHttp2Stream) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => answer(stream, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

function answer(stream: ServerHttp2Stream, bytes: Buffer): void {
  const { token, certificate } = read(bytes);
  const good = token.length > 0 && boundTo(token) === thumbprintOf(certificate);
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(good ? allowed : denied);
}

function remembering(find: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? find(text);
    known.set(text, found);
    return found;
  };
}

/** Walks CheckRequest.attributes(1): source(1).certificate(5), and request(4).http(2).headers(3) with authorization. */
function read(bytes: Buffer): { token: string; certificate: string } {
  const found = { token: '', certificate: '' };
  each(bytes, prefixBytes, bytes.length, 1, (from, to) => {
    each(bytes, from, to, 1, (a, b) =>
      each(bytes, a, b, 5, (start, end) => {
        found.certificate = bytes.toString('latin1', start, end);
      }),
    );
    each(bytes, from, to, 4, (a, b) => each(bytes, a, b, 2, (c, d) => each(bytes, c, d, 3, header)));
  });
  return found;

  function header(from: number, to: number): void {
    const valueAt = from + 2 + (bytes[from + 1] as number);
    if (
      bytes[from + 1] !== 'authorization'.length ||
      bytes.toString('latin1', from + 2, valueAt) !== 'authorization'
    )
      return;
    each(bytes, valueAt, to, 2, (start, end) => {
      found.token = bytes.toString('latin1', start + 'Bearer '.length, end);
    });
  }
}

/** Calls `visit` for each occurrence of a field with a length, and skips the others. */
function each(
  bytes: Buffer,
  from: number,
  to: number,
  field: number,
  visit: (from: number, to: number) => void,
): void {
  let at = from;
  while (at < to) {
    const tag = bytes[at++] as number;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    if ((tag & 7) !== 2) continue;
    if (tag >> 3 === field) visit(at, at + value);
    at += value;
  }
}
