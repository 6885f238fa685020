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
const bufferBytes = 1_048_576;
/** Most answers fit. */
const answerBytes = 4_096;

/** What an open stream waits for, and what has come of its answer. */
interface Open {
  readonly due: number;
  readonly names: Buffer | undefined;
  bytes: Buffer;
  length: number;
}

/**
 * A client of unary gRPC without a library, because a library costs more than the server that it measures. It obeys flow
 * control, and accepts what servers send to a client that behaves: no padding, no CONTINUATION. Its buffers are used again
 * and again: while V8 collects garbage, nothing is sent, and an answer that waits for that looks late.
 */
export class GrpcConnection implements Connection {
  readonly #socket: Socket;
  readonly #answered: Answered;
  readonly #open = new Map<number, Open>();
  /** For later answers. */
  readonly #free: Buffer[] = [];
  readonly #waiting: (readonly [check: Check, due: number])[] = [];
  readonly #status = new StatusReader();
  readonly #ready = Promise.withResolvers<void>();
  readonly #in = Buffer.allocUnsafeSlow(bufferBytes);
  #inSize = 0;
  #out = Buffer.allocUnsafeSlow(bufferBytes);
  #outSize = 0;
  #nextStream = 1;
  #window = 65_535;
  #streamWindow = 65_535;
  #mostStreams = mostOpen;
  #received = 0;

  private constructor({ host, port }: Target, answered: Answered) {
    this.#answered = answered;
    const onread = {
      buffer: () => this.#in.subarray(this.#inSize),
      callback: (size: number) => this.#read(size),
    };
    this.#socket = connect({ host, port, noDelay: true, onread });
    this.#socket.on('error', (error) => this.#ready.reject(error));
    this.#socket.on('close', () => this.#end());
    this.#add(preface);
    this.#add(
      settings([
        [setting.push, 0],
        [setting.initialWindow, 1_048_576],
      ]),
    );
    this.#add(windowUpdate(0, ownWindow - 65_535));
    this.flush();
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
    if (this.#outSize === 0) return;
    const bytes = this.#out.subarray(0, this.#outSize);
    this.#outSize = 0;
    const isFree = this.#socket.writableLength === 0;
    this.#socket.write(isFree ? bytes : Buffer.from(bytes));
    // The system has not taken all of it.
    if (isFree && this.#socket.writableLength > 0) this.#out = Buffer.allocUnsafeSlow(bufferBytes);
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
    this.#addHead(block.length, type.headers, flag.endHeaders, stream);
    this.#add(block);
    this.#addHead(bytes.length, type.data, flag.endStream, stream);
    this.#add(bytes);
    this.#window -= bytes.length;
    const free = this.#free.pop() ?? Buffer.allocUnsafeSlow(answerBytes);
    this.#open.set(stream, { due, names, bytes: free, length: 0 });
  }

  #add(bytes: Buffer): void {
    this.#makeRoom(bytes.length);
    this.#out.set(bytes, this.#outSize);
    this.#outSize += bytes.length;
  }

  #addHead(length: number, kind: number, flags: number, stream: number): void {
    this.#makeRoom(headBytes);
    const [to, at] = [this.#out, this.#outSize];
    to.writeUIntBE(length, at, 3);
    to[at + 3] = kind;
    to[at + 4] = flags;
    to.writeUInt32BE(stream, at + 5);
    this.#outSize += headBytes;
  }

  #makeRoom(size: number): void {
    if (this.#outSize + size <= this.#out.length) return;
    this.flush();
    if (size > this.#out.length) this.#out = Buffer.allocUnsafeSlow(size);
  }

  /** @returns whether to go on with reading */
  #read(size: number): boolean {
    const bytes = this.#in;
    const till = this.#inSize + size;
    let at = 0;
    while (at + headBytes <= till) {
      const start = at + headBytes;
      const end = start + bytes.readUIntBE(at, 3);
      if (end > till) break;
      this.#frame(bytes[at + 3] as number, bytes[at + 4] as number, bytes.readUInt32BE(at + 5), start, end);
      at = end;
    }
    bytes.copyWithin(0, at, till);
    this.#inSize = till - at;
    while (this.#waiting[0] && this.#hasRoom(this.#waiting[0][0]))
      this.#write(...(this.#waiting.shift() as [Check, number]));
    this.flush();
    return true;
  }

  #frame(kind: number, flags: number, stream: number, start: number, end: number): void {
    if (kind === type.data) this.#data(flags, stream, start, end);
    else if (kind === type.headers) this.#headers(flags, stream, this.#in.subarray(start, end));
    else if (kind === type.reset) this.#finish(stream, false);
    else if (kind === type.settings) this.#settings(flags, this.#in.subarray(start, end));
    else if (kind === type.ping && !(flags & flag.ack))
      this.#add(frame(type.ping, flag.ack, 0, this.#in.subarray(start, end)));
    else if (kind === type.window && stream === 0) this.#window += this.#in.readUInt32BE(start);
    else if (kind === type.goAway) this.#socket.destroy();
  }

  #data(flags: number, stream: number, start: number, end: number): void {
    const open = this.#open.get(stream);
    const size = end - start;
    if (open) {
      const length = open.length + size;
      if (length > open.bytes.length) open.bytes = Buffer.concat([open.bytes], 2 * length);
      this.#in.copy(open.bytes, open.length, start, end);
      open.length = length;
    }
    this.#received += size;
    if (this.#received > ownWindow / 2) {
      this.#add(windowUpdate(0, this.#received));
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
    this.#add(frame(type.settings, flag.ack, 0, nothing));
    this.#ready.resolve();
  }

  #finish(stream: number, good: boolean): void {
    const open = this.#open.get(stream);
    if (!open) return;
    this.#open.delete(stream);
    const message = open.bytes.subarray(0, open.length);
    const right = good && (!open.names || message.includes(open.names));
    this.#answered(this, open.due, right ? (statusCode(message) ?? noAnswer) : noAnswer, message);
    this.#free.push(open.bytes);
  }

  #end(): void {
    this.#ready.reject(new Error('the server closed the connection'));
    for (const stream of [...this.#open.keys()]) this.#finish(stream, false);
    for (const [, due] of this.#waiting.splice(0)) this.#answered(this, due, noAnswer, nothing);
  }
}
