import { connect, type Socket } from 'node:net';
import { statusCode } from '../frame.ts';
import { type Answered, type Check, type Connection, noAnswer, type Target } from './connection.ts';
import {
  flag,
  frame,
  headBytes,
  preface,
  setting,
  settings,
  settingsIn,
  type,
  windowUpdate,
} from './frames.ts';
import { headerBlocks, StatusReader } from './hpack.ts';

const blocks = headerBlocks({
  ':method': 'POST',
  ':scheme': 'http',
  ':path': '/envoy.service.auth.v3.Authorization/Check',
  ':authority': 'peerproof.bench',
  te: 'trailers',
  'grpc-timeout': '9S', // Envoy sends one with every call
  'content-type': 'application/grpc',
  'x-envoy-internal': 'true',
  'x-forwarded-for': '10.42.3.17',
});

const ownWindow = 16_777_216;
const mostOpen = 16_384;
const nothing = Buffer.alloc(0);

/** What each open stream waits for, by the number of its stream. */
interface Open {
  readonly due: number;
  readonly names: Buffer | undefined;
  message: Buffer | undefined;
}

/**
 * A client of unary gRPC without a library, because a library costs more than the server that it measures. It obeys flow
 * control, and accepts what servers send to a client that behaves: no padding, no CONTINUATION.
 */
export class GrpcConnection implements Connection {
  readonly #socket: Socket;
  readonly #answered: Answered;
  readonly #open = new Map<number, Open>();
  readonly #waiting: (readonly [check: Check, due: number])[] = [];
  readonly #status = new StatusReader();
  readonly #ready = Promise.withResolvers<void>();
  #out: Buffer[] = [];
  #rest: Buffer = nothing;
  #nextStream = 1;
  #window = 65_535;
  #streamWindow = 65_535;
  #mostStreams = mostOpen;
  #received = 0;

  private constructor({ host, port }: Target, answered: Answered) {
    this.#answered = answered;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.write(
      Buffer.concat([
        preface,
        settings([
          [setting.push, 0],
          [setting.initialWindow, 1_048_576],
        ]),
        windowUpdate(0, ownWindow - 65_535),
      ]),
    );
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#ready.reject(error));
    this.#socket.on('close', () => this.#end());
  }

  /** Rejects if the server does not speak HTTP/2. */
  static async open(target: Target, answered: Answered): Promise<GrpcConnection> {
    const connection = new GrpcConnection(target, answered);
    await connection.#ready.promise;
    return connection;
  }

  send(check: Check, due: number): void {
    if (this.#socket.destroyed) queueMicrotask(() => this.#answered(this, due, noAnswer, nothing));
    else if (this.#waiting.length > 0 || !this.#hasRoom(check)) this.#waiting.push([check, due]);
    else this.#write(check, due);
  }

  flush(): void {
    if (this.#out.length === 0) return;
    this.#socket.write(Buffer.concat(this.#out));
    this.#out = [];
  }

  close(): void {
    this.#open.clear();
    this.#waiting.length = 0;
    this.#socket.destroy();
  }

  #hasRoom({ bytes }: Check): boolean {
    return (
      this.#open.size < this.#mostStreams &&
      bytes.length <= this.#window &&
      bytes.length <= this.#streamWindow
    );
  }

  #write({ bytes, names }: Check, due: number): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    const block = stream === 1 ? blocks.first : blocks.later;
    const head = Buffer.allocUnsafe(headBytes + block.length + headBytes);
    writeHead(head, 0, block.length, type.headers, flag.endHeaders, stream);
    head.set(block, headBytes);
    writeHead(head, headBytes + block.length, bytes.length, type.data, flag.endStream, stream);
    this.#out.push(head, bytes);
    this.#window -= bytes.length;
    this.#open.set(stream, { due, names, message: undefined });
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (at + headBytes <= bytes.length) {
      const end = at + headBytes + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const payload = bytes.subarray(at + headBytes, end);
      this.#frame(bytes[at + 3] as number, bytes[at + 4] as number, bytes.readUInt32BE(at + 5), payload);
      at = end;
    }
    this.#rest = bytes.subarray(at);
    while (this.#waiting[0] && this.#hasRoom(this.#waiting[0][0]))
      this.#write(...(this.#waiting.shift() as [Check, number]));
    this.flush();
  }

  #frame(kind: number, flags: number, stream: number, payload: Buffer): void {
    if (kind === type.data) this.#data(flags, stream, payload);
    else if (kind === type.headers) this.#headers(flags, stream, payload);
    else if (kind === type.reset) this.#finish(stream, false);
    else if (kind === type.settings) this.#settings(flags, payload);
    else if (kind === type.ping && !(flags & flag.ack))
      this.#out.push(frame(type.ping, flag.ack, 0, payload));
    else if (kind === type.window && stream === 0) this.#window += payload.readUInt32BE(0);
    else if (kind === type.goAway) this.#socket.destroy();
  }

  #data(flags: number, stream: number, payload: Buffer): void {
    const open = this.#open.get(stream);
    if (open) open.message = open.message ? Buffer.concat([open.message, payload]) : payload;
    this.#received += payload.length;
    if (this.#received > ownWindow / 2) {
      this.#out.push(windowUpdate(0, this.#received));
      this.#received = 0;
    }
    // gRPC ends with trailers, so an end here is none.
    if (flags & (flag.endStream | flag.padded)) this.#finish(stream, false);
  }

  #headers(flags: number, stream: number, payload: Buffer): void {
    if (!(flags & flag.endHeaders) || flags & flag.padded) {
      this.#socket.destroy();
      return;
    }
    const good = this.#status.hasStatusZero(flags & flag.priority ? payload.subarray(5) : payload);
    if (flags & flag.endStream) this.#finish(stream, good);
  }

  #settings(flags: number, payload: Buffer): void {
    if (flags & flag.ack) return;
    for (const [id, value] of settingsIn(payload)) {
      if (id === setting.mostStreams) this.#mostStreams = Math.min(value, mostOpen);
      if (id === setting.initialWindow) this.#streamWindow = value;
      if (id === setting.tableSize && value < 4096)
        this.#ready.reject(new Error('the server keeps no header table'));
    }
    this.#out.push(frame(type.settings, flag.ack, 0, nothing));
    this.#ready.resolve();
  }

  #finish(stream: number, good: boolean): void {
    const open = this.#open.get(stream);
    if (!open) return;
    this.#open.delete(stream);
    const { due, names, message = nothing } = open;
    const right = good && (!names || message.includes(names));
    this.#answered(this, due, right ? (statusCode(message) ?? noAnswer) : noAnswer, message);
  }

  #end(): void {
    this.#ready.reject(new Error('the server closed the connection'));
    for (const stream of [...this.#open.keys()]) this.#finish(stream, false);
    for (const [, due] of this.#waiting.splice(0)) this.#answered(this, due, noAnswer, nothing);
  }
}

function writeHead(
  to: Buffer,
  at: number,
  length: number,
  kind: number,
  flags: number,
  stream: number,
): void {
  to.writeUIntBE(length, at, 3);
  to[at + 3] = kind;
  to[at + 4] = flags;
  to.writeUInt32BE(stream, at + 5);
}
