import { connect, type Socket } from 'node:net';
import { type Answered, type Check, type Connection, noAnswer, type Target } from './connection.ts';

const nothing = Buffer.alloc(0);
const headEnd = Buffer.from('\r\n\r\n');

/**
 * A client of HTTP/1.1 with one request under way, as a proxy has them. It connects again if the server has closed an idle
 * connection. Answers without Content-Length are wrong ones.
 */
export class HttpConnection implements Connection {
  readonly #target: Target;
  readonly #answered: Answered;
  #socket: Socket | undefined;
  #open: { readonly due: number; readonly names: Buffer | undefined } | undefined;
  #rest: Buffer = nothing;

  private constructor(target: Target, answered: Answered) {
    this.#target = target;
    this.#answered = answered;
  }

  static async open(target: Target, answered: Answered): Promise<HttpConnection> {
    const connection = new HttpConnection(target, answered);
    const socket = connection.#connect();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('connect', resolve);
    socket.once('error', reject);
    await promise;
    return connection;
  }

  send({ bytes, names }: Check, due: number): void {
    if (this.#open) throw new Error('HTTP/1.1 answers one request after the other');
    this.#open = { due, names };
    (this.#socket ?? this.#connect()).write(bytes);
  }

  flush(): void {}

  close(): void {
    this.#open = undefined;
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const { host, port } = this.#target;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#socket = undefined;
      this.#rest = nothing;
      this.#finish(noAnswer, nothing);
    });
    return socket;
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = bytes;
    const end = bytes.indexOf(headEnd);
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
    const whole = end + headEnd.length + length;
    if (bytes.length < whole) return;
    this.#rest = nothing;
    this.#finish(bytes.length === whole ? Number(head.slice(9, 12)) : noAnswer, bytes);
  }

  #finish(status: number, answer: Buffer): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const right = !open.names || answer.includes(open.names);
    this.#answered(this, open.due, right ? status : noAnswer, answer);
  }
}
