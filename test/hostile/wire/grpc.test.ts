import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { httpCheck } from '../../support/check-client.ts';
import { checkCodec } from '../../support/check-wire.ts';
import { withDeadline } from '../../support/wait.ts';
import { type Stand, startStand, withstands } from './stand.ts';

let stand: Stand;

test.before(async () => {
  stand = await startStand();
});

test.after.always(async () => {
  await stand?.stop();
});

/** What a call ended with: the status of gRPC, or else of HTTP; and the code of the answer where there is one. */
interface Ended {
  readonly status: string;
  /** `status.code` of the CheckResponse; 0 lets in. */
  readonly code: number | undefined;
}

const path = '/envoy.service.auth.v3.Authorization/Check';

function open(session: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

function ended(stream: ClientHttp2Stream): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let status = 'none';
  const chunks: Buffer[] = [];
  stream.on('response', (head) => {
    status = String(head['grpc-status'] ?? `HTTP ${head[':status']}`);
  });
  stream.on('trailers', (trailers) => {
    status = String(trailers['grpc-status']);
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('close', () => {
    const body = Buffer.concat(chunks);
    const code = body.length > 5 ? checkCodec.responseDeserialize(body.subarray(5)).status?.code : undefined;
    resolve({ status: status === 'none' ? `reset ${stream.rstCode}` : status, code });
  });
  return withDeadline('the end of a call', 10_000, promise);
}

/** A message with the prefix of gRPC: whether it is compressed, and how long it says it is. */
function message(bytes: Uint8Array, flag = 0, length = bytes.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag, 0);
  prefix.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([prefix, bytes]);
}

async function withSession<T>(use: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
  // The memory of the attacker is not what is tested.
  const session = connect(`http://127.0.0.1:${stand.peerproof.grpcPort}`, { maxSessionMemory: 1_000 });
  session.on('error', () => {});
  session.setMaxListeners(0);
  try {
    return await use(session);
  } finally {
    session.destroy();
  }
}

const check = checkCodec.requestSerialize(httpCheck('a.b.c'));
const noise = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7919) & 0xff));
const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));

interface Case {
  readonly body: Buffer;
  readonly headers?: Record<string, string>;
  /** What the call ends with. 12: unimplemented. */
  readonly status: string;
  /** `status.code` of the answer, where there is one: 7 is a denial that Envoy always enforces. */
  readonly code?: number;
}

/** Not a gRPC error: that would be let in where `failure_mode_allow` says so. */
const denied = { status: '0', code: 7 };

const cases: Record<string, Case> = {
  'a check, for comparison': { body: message(check), status: '0', code: 16 },
  'an empty message': { body: message(Buffer.alloc(0)), ...denied },
  'no message': { body: Buffer.alloc(0), ...denied },
  'half a prefix': { body: Buffer.from([0, 0]), ...denied },
  'less than the prefix says': { body: message(check, 0, 1_000), ...denied },
  'a prefix of 4 GB': { body: message(check, 0, 0xffffffff), ...denied },
  'a message of 5 MB': { body: message(Buffer.alloc(5 * 1024 * 1024, 0x0a)), ...denied },
  'a message of 4 MB that is none': { body: message(Buffer.alloc(4_000_000, 0x0b)), ...denied },
  'two messages': { body: Buffer.concat([message(check), message(check)]), ...denied },
  'bytes behind the message': { body: Buffer.concat([message(check), noise]), ...denied },
  'noise for a message': { body: message(noise), ...denied },
  'a flag of another value': { body: message(check, 2), ...denied },
  'compressed, and no encoding': { body: message(gzipSync(check), 1), ...denied },
  'compressed, and it is not': {
    body: message(check, 1),
    headers: { 'grpc-encoding': 'gzip' },
    status: '12',
  },
  'compressed by nobody': {
    body: message(check, 1),
    headers: { 'grpc-encoding': 'constructor' },
    status: '12',
  },
  'not compressed, and an encoding that could be': {
    body: message(check),
    headers: { 'grpc-encoding': 'gzip' },
    status: '0',
    code: 16,
  },
  'compressed, 64 MB of zeros': {
    body: message(zeros, 1),
    headers: { 'grpc-encoding': 'gzip' },
    status: '12',
  },
  'another method': { body: message(check), headers: { ':path': '/x.y.Z/Check' }, status: '12' },
  'the prototype of a method': { body: message(check), headers: { ':path': '/__proto__' }, status: '12' },
  'another content type': {
    body: message(check),
    headers: { 'content-type': 'text/html' },
    status: 'HTTP 415',
  },
  'a content type that begins alike': {
    body: message(check),
    headers: { 'content-type': 'application/grpc-web' },
    status: 'HTTP 415',
  },
  'a method of HTTP that is not POST': {
    body: message(check),
    headers: { ':method': 'PUT' },
    status: 'HTTP 405',
  },
  'a deadline that is over': { body: message(check), headers: { 'grpc-timeout': '0n' }, ...denied },
};

for (const [name, { body, headers = {}, status, code }] of Object.entries(cases))
  test.serial(`wire – gRPC: ${name} (attacks 16)`, async (t) => {
    await withstands(t, stand, async () => {
      const calls = await withSession((session) =>
        Promise.all(
          Array.from({ length: 10 }, () => {
            const stream = open(session, headers);
            const end = ended(stream);
            stream.end(body);
            return end;
          }),
        ),
      );
      for (const call of calls) t.deepEqual(call, { status, code });
    });
  });

test.serial(
  'wire – gRPC: three thousand calls that are cancelled as soon as they are made (attacks 16)',
  async (t) => {
    await withstands(t, stand, async () => {
      for (let round = 0; round < 10; round++)
        await withSession(async (session) => {
          const calls = Array.from({ length: 500 }, (_, n) => {
            const stream = open(session);
            const end = ended(stream);
            stream.end(message(check));
            setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), n % 7);
            return end;
          });
          for (const { code } of await Promise.all(calls)) t.not(code, 0);
        });
    });
  },
);

test.serial('wire – gRPC: half a message, and then nothing (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    await withSession(async (session) => {
      const half = message(Buffer.alloc(100_000, 1), 0, 200_000);
      const calls = Array.from({ length: 300 }, () => {
        const stream = open(session);
        stream.write(half);
        return stream;
      });
      await sleep(1_000);
      for (const stream of calls) t.false(stream.closed);
    });
  });
});

test.serial('wire – gRPC: messages that come byte by byte are answered (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    await withSession(async (session) => {
      const bytes = message(check);
      const calls = Array.from({ length: 100 }, async () => {
        const stream = open(session);
        const end = ended(stream);
        for (const byte of bytes) {
          stream.write(Buffer.from([byte]));
          await sleep(1);
        }
        stream.end();
        return end;
      });
      for (const { status, code } of await Promise.all(calls)) t.deepEqual([status, code], ['0', 16]);
    });
  });
});

// The last one, because its memory is only freed at the next check.
test.serial(
  'wire – gRPC: half of the largest message, on a hundred and twenty streams (attacks 16)',
  async (t) => {
    const attack = () =>
      withSession(async (session) => {
        const half = message(Buffer.alloc(3_900_000), 0, 4_000_000);
        for (let round = 0; round < 6; round++) {
          for (let n = 0; n < 20; n++) open(session).write(half);
          await sleep(400);
        }
      });
    // No more of them is held than the door has room for (SECURITY.md).
    await withstands(t, stand, attack);
  },
);
