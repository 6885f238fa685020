import { type ClientHttp2Session, connect } from 'node:http2';
import { withDeadline } from '../../test/support/wait.ts';

const connections = 2;
const answerWithin = 10_000;

const headers = {
  ':method': 'POST',
  ':path': '/envoy.service.auth.v3.Authorization/Check',
  ':scheme': 'http',
  ':authority': 'peerproof.bench',
  'content-type': 'application/grpc',
  te: 'trailers',
  'user-agent': 'bench',
  'grpc-timeout': '9S', // Envoy sends one with every call
};

/** Calls Check over node:http2. Its own cost is a part of what it measures, so rows of `npm run bench` use `load/`. */
export class CallClient {
  readonly #sessions: readonly ClientHttp2Session[];
  #sent = 0;

  constructor(port: number) {
    this.#sessions = Array.from({ length: connections }, () => {
      const session = connect(`http://127.0.0.1:${port}`, { settings: { enablePush: false } });
      // Calls under way end with it.
      session.on('error', () => undefined);
      return session;
    });
  }

  /**
   * Sends one check.
   * @throws if no whole answer came
   */
  async call(frame: Buffer): Promise<Buffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
    this.#send(frame, resolve);
    const answer = await withDeadline('an answer', answerWithin, promise);
    if (!answer) throw new Error('a check was not answered');
    return answer;
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #send(frame: Buffer, answered: (answer: Buffer | undefined) => void): void {
    const session = this.#sessions[this.#sent++ % connections] as ClientHttp2Session;
    if (session.destroyed) {
      queueMicrotask(() => answered(undefined));
      return;
    }
    const stream = session.request(headers);
    let answer: Buffer | undefined;
    let good = false;
    stream.on('data', (chunk: Buffer) => {
      answer = answer ? Buffer.concat([answer, chunk]) : chunk;
    });
    stream.on('trailers', (trailers) => {
      good = trailers['grpc-status'] === '0';
    });
    stream.on('error', () => undefined);
    stream.on('close', () => answered(good ? answer : undefined));
    stream.end(frame);
  }
}
