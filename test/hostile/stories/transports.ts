import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { Story } from '../story.ts';
import { checkStream, during, endOf, framed, goodCall, startDeafRelay } from './room.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const emptySettings = Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};
/** Milliseconds from the head of a call until its message is given up (`src/grpc/transport/server.ts`). */
const messagePatience = 5_000;
const settle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Each of these is refused in its own way; none of them may be answered like a check that passed. */
const refused = (make: (session: ClientHttp2Session) => ClientHttp2Stream): Story =>
  during(async ({ stage, http2 }) => {
    const end = await endOf(make(http2()));
    stage.t.not(end, '0', 'it was answered');
  });

/** The message can be read in one way only, and no rule allows the check. */
const denied = (make: (session: ClientHttp2Session) => ClientHttp2Stream): Story =>
  during(async ({ stage, running, http2 }) => {
    await endOf(make(http2()));
    for (const line of running.newLines()) stage.t.is(JSON.parse(line).effect, 'deny');
  });

/** By the kind of attack. */
export const transports = {
  malformed: {
    'HTTP/1.1': during(async ({ tcp }) => {
      tcp('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await settle(100);
    }),
    'TLS to a port without': during(async ({ tcp }) => {
      tcp(Buffer.from('16030100c8010000c40303', 'hex'));
      await settle(100);
    }),
    'a frame of 16 MB': during(async ({ tcp }) => {
      tcp(
        Buffer.concat([Buffer.from(preface), emptySettings, Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1)]),
      );
      await settle(100);
    }),
    'headers that are no HPACK': during(async ({ tcp }) => {
      tcp(Buffer.concat([Buffer.from(preface), emptySettings, frame(1, 5, 1, Buffer.alloc(50, 0xff))]));
      await settle(100);
    }),
    'a thousand SETTINGS and PINGs': during(async ({ tcp }) => {
      const pings = Array.from({ length: 1_000 }, () =>
        Buffer.concat([emptySettings, frame(6, 0, 0, Buffer.alloc(8))]),
      );
      tcp(Buffer.concat([Buffer.from(preface), ...pings]));
      await settle(100);
    }),
    'CONTINUATION without end (CVE-2024-27316)': during(async ({ tcp }) => {
      const more = Array.from({ length: 500 }, () => frame(9, 0, 1, Buffer.alloc(1_000, 0x40)));
      tcp(
        Buffer.concat([Buffer.from(preface), emptySettings, frame(1, 0, 1, Buffer.alloc(10, 0x40)), ...more]),
      );
      await settle(100);
    }),
    'another content-type': refused((session) =>
      checkStream(session, { 'content-type': 'application/json' }).end(framed(Buffer.alloc(0))),
    ),
    'another method of the service': refused((session) =>
      checkStream(session, { ':path': '/envoy.service.auth.v3.Authorization/check' }).end(
        framed(Buffer.alloc(0)),
      ),
    ),
    'the service of an older version': refused((session) =>
      checkStream(session, { ':path': '/envoy.service.auth.v2.Authorization/Check' }).end(
        framed(Buffer.alloc(0)),
      ),
    ),
    'a path without its slash': refused((session) =>
      checkStream(session, { ':path': 'envoy.service.auth.v3.Authorization/Check' }).end(
        framed(Buffer.alloc(0)),
      ),
    ),
    GET: refused((session) => checkStream(session, { ':method': 'GET' }).end()),
    'no message': denied((session) => checkStream(session).end()),
    'half a prefix': denied((session) => checkStream(session).end(Buffer.of(0, 0))),
    'a length beyond the end of the stream': denied((session) =>
      checkStream(session).end(framed(Buffer.of(1), { length: 1_000 })),
    ),
    'two messages': during(async ({ http2 }) => {
      await endOf(
        checkStream(http2()).end(Buffer.concat([framed(Buffer.alloc(0)), framed(Buffer.alloc(0))])),
      );
    }),
    'compressed, and it says not how': denied((session) =>
      checkStream(session).end(framed(Buffer.alloc(10), { compressed: 1 })),
    ),
    'compressed in an unknown way': refused((session) =>
      checkStream(session, { 'grpc-encoding': 'zstd' }).end(framed(Buffer.alloc(10), { compressed: 1 })),
    ),
    'compressed, and it is not (CVE-2026-48068)': refused((session) =>
      checkStream(session, { 'grpc-encoding': 'gzip' }).end(
        framed(Buffer.from('no gzip'), { compressed: 1 }),
      ),
    ),
    'a flag of another value': denied((session) =>
      checkStream(session).end(framed(Buffer.alloc(10), { compressed: 255 })),
    ),
    'a timeout that is none': during(async ({ http2 }) => {
      for (const timeout of ['x', '-1S', '99999999999S', '1', '', '1e9S'])
        await endOf(checkStream(http2(), { 'grpc-timeout': timeout }).end(framed(Buffer.alloc(0))));
    }),
    'a timeout that is over at once': during(async ({ http2 }) => {
      for (const timeout of ['0n', '1n', '0S'])
        await endOf(checkStream(http2(), { 'grpc-timeout': timeout }).end(framed(Buffer.alloc(0))));
    }),
    'binary metadata that is no base64': during(async ({ http2 }) => {
      await endOf(checkStream(http2(), { 'x-odd-bin': '\u00ff!!!' }).end(framed(Buffer.alloc(0))));
    }),
  },
  size: {
    'a length of 4 GB': denied((session) =>
      checkStream(session).end(framed(Buffer.alloc(10), { length: 0xffff_ffff })),
    ),
    '200 KB of gzip that become 200 MB (CVE-2024-37168)': refused((session) =>
      checkStream(session, { 'grpc-encoding': 'gzip' }).end(
        framed(gzipSync(Buffer.alloc(200 * 1024 * 1024)), { compressed: 1 }),
      ),
    ),
  },
  cancelled: {
    'two thousand calls, cancelled at once (CVE-2023-44487)': during(async ({ stage, http2 }) => {
      const bytes = goodCall(stage);
      const session = http2();
      for (let count = 0; count < 2_000; count++) {
        if (session.destroyed) break;
        const stream = checkStream(session);
        stream.end(bytes);
        stream.close(8);
      }
      await settle(200);
    }),
    'a connection that ends in the middle of a hundred calls': during(async ({ stage, http2 }) => {
      const bytes = goodCall(stage);
      const session = http2();
      for (let count = 0; count < 100; count++) checkStream(session).end(bytes);
      session.destroy();
      await settle(50);
    }),
  },
  streams: {
    '10,000 that say nothing more': during(async ({ http2 }) => {
      const session = http2();
      for (let count = 0; count < 10_000 && !session.destroyed; count++) checkStream(session);
      await settle(500);
    }),
    '10,000 good calls at once': during(async ({ stage, running, http2 }) => {
      const bytes = goodCall(stage);
      const session = http2();
      session.setMaxListeners(0);
      const began = performance.now();
      const ends = await Promise.all(
        Array.from({ length: 10_000 }, () => endOf(checkStream(session).end(bytes))),
      );
      // Answered, each of them, if only by saying that it is too much.
      stage.t.deepEqual([...new Set(ends)], ['0']);
      const reasons = new Set(running.newLines().map((line) => JSON.parse(line).reason));
      const good = ['allowed', 'overloaded'];
      // The client sends all heads before the first message. On a machine that is too busy, a message may be late.
      if (performance.now() - began > messagePatience) good.push('check_incomplete');
      for (const reason of reasons) stage.t.true(good.includes(reason), reason);
    }),
  },
  halfOpen: {
    '500 connections that say nothing': during(async ({ tcp }) => {
      for (let count = 0; count < 500; count++) tcp('');
      await settle(200);
    }),
    '500 connections that stop in the preface': during(async ({ tcp }) => {
      for (let count = 0; count < 500; count++) tcp(preface.slice(0, 10));
      await settle(200);
    }),
    '200 connections that never finish a message': during(async ({ http2 }) => {
      for (let count = 0; count < 200; count++) checkStream(http2()).write(Buffer.of(0, 0, 0, 1, 0));
      await settle(200);
    }),
    'a reader that never reads': during(async ({ stage, running, http2 }) => {
      const bytes = goodCall(stage);
      const session = http2(await startDeafRelay(stage, running.grpcPort));
      for (let count = 0; count < 2_000; count++) checkStream(session).end(bytes);
      await settle(300);
    }),
  },
} satisfies Record<string, Readonly<Record<string, Story>>>;
