import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { checkCodec, type ReceivedResponse } from '../../support/check-wire.ts';
import type { Answer } from '../../support/check-world.ts';
import { listen } from '../../support/listening.ts';
import { withDeadline } from '../../support/wait.ts';
import { checkRequestOf } from '../check.ts';
import { openBytesClient, type Running, startRunning } from '../running.ts';
import { type Stage, type Story, story } from '../story.ts';

/** Misuse of a connection by a proxy or another client of the port, during a check of another client. */
type Attack = (room: Room) => Promise<void>;

interface Room {
  readonly stage: Stage;
  readonly running: Running;
  /** A TCP connection that says what it is told. */
  tcp(first: string | Buffer): Socket;
  /** An HTTP/2 connection, to Peerproof unless another port is named. */
  http2(port?: number): ClientHttp2Session;
}

/** A stream of the Check method, with more or other headers. */
export function checkStream(
  session: ClientHttp2Session,
  headers: Record<string, string> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/envoy.service.auth.v3.Authorization/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

/** The five bytes before a message, and the message (gRPC over HTTP/2: Length-Prefixed-Message). */
export function framed(message: Buffer, { compressed = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** A good check, as it is written to a stream. */
export function goodCall({ fixture }: Stage): Buffer {
  return framed(
    checkCodec.requestSerialize(checkRequestOf({ token: fixture.token }, 'certificate', fixture)),
  );
}

/** The attack, and then, over another connection, a good check and one without a token. */
export function during(attack: Attack): Story {
  return story(
    ['allowed', 'token_missing'],
    async (stage) => {
      const { fixture, configs, teardown } = stage;
      const running = await startRunning(configs.main, () => fixture.now);
      teardown(() => running.drain());
      await attack({
        stage,
        running,
        tcp: (first) => {
          const socket = connect({ port: running.grpcPort, host: '127.0.0.1' });
          socket.on('error', () => {});
          socket.resume();
          socket.write(first);
          teardown(() => socket.destroy());
          return socket;
        },
        http2: (port = running.grpcPort) => {
          // Its own limit of memory would end it before the server has said anything.
          const session = connectHttp2(`http://127.0.0.1:${port}`, { maxSessionMemory: 1_000 });
          session.on('error', () => {});
          teardown(() => session.destroy());
          return session;
        },
      });
      running.newLines();
      const client = openBytesClient(running.grpcPort);
      teardown(() => client.close());
      const answers: Answer[] = [];
      for (const input of [{ token: fixture.token }, {}]) {
        const bytes = checkCodec.requestSerialize(checkRequestOf(input, 'certificate', fixture));
        const response = await withDeadline('a check beside it', 5_000, client.send(bytes));
        const id = decisionIdOf(response);
        // The attack may still be refused meanwhile, and has lines of its own.
        const line = running
          .newLines()
          .map((text) => JSON.parse(text))
          .find((one) => one.decision_id === id);
        const { reason, effect } = line ?? {};
        answers.push({ decision: { id, reason, effect, found: {} } as never, response });
      }
      return answers;
    },
    { only: 'grpc' },
  );
}

function decisionIdOf({ dynamicMetadata }: ReceivedResponse): string | undefined {
  const fields = dynamicMetadata?.fields as Record<string, { readonly stringValue: string }> | undefined;
  return fields?.decision_id?.stringValue;
}

/** How a stream ends: its gRPC status, or its HTTP status, or that it was reset. */
export function endOf(stream: ClientHttp2Stream): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let end = 'reset';
  const read = (headers: Record<string, unknown>) => {
    end = String(headers['grpc-status'] ?? (headers[':status'] === 200 ? end : headers[':status']));
  };
  stream.on('response', read);
  stream.on('trailers', read);
  stream.on('close', () => resolve(end));
  stream.resume();
  return withDeadline('the end of a stream', 10_000, promise);
}

/** Hands on what a client says, and never reads what it is answered. */
export async function startDeafRelay({ teardown }: Stage, port: number): Promise<number> {
  const server = createServer((client) => {
    const other = connect({ port, host: '127.0.0.1' });
    for (const socket of [client, other]) socket.on('error', () => {});
    client.pipe(other);
    teardown(() => {
      client.destroy();
      other.destroy();
    });
  });
  const own = await listen(server);
  teardown(() => server.close());
  return own;
}
