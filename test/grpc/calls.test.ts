import { once } from 'node:events';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { timeoutOf } from '../../src/grpc/transport/timeout.ts';
import { frameOf } from '../../tools/bench/frame.ts';
import { checkMethod, healthMethods } from '../../tools/protocol.ts';
import { Attacker } from '../hostile/wire/attacker.ts';
import { flags, frame, preface, request, reset, settings, types } from '../hostile/wire/frames.ts';
import { httpCheck } from '../support/check-client.ts';
import { waitFor } from '../support/wait.ts';
import { call, decided, ended, goodFrame, open, openDoor, openSession, patience } from './door-world.ts';

/** One call of gRPC, as it is on the wire. */

const head = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', checkMethod.path],
  [':authority', 'a'],
  ['content-type', 'application/grpc'],
] as const;

test('call – an answer has its head, one message and its trailers', async (t) => {
  const { port, asked } = await openDoor(t);
  const { head, status, response } = await call(openSession(t, port));
  t.is(String(head[':status']), '200');
  t.is(head['content-type'], 'application/grpc');
  t.is(head['grpc-status'], undefined);
  t.is(status, '0');
  t.deepEqual(response?.okResponse !== undefined, true);
  t.is(asked[0]?.evidence.request?.host, 'app.test');
});

test('call – many header lines in the trace of a client do not lose the answer', async (t) => {
  const { port } = await openDoor(t);
  const session = openSession(t, port);
  for (const baggage of [0, 60_000]) {
    const headers = { tracestate: '~'.repeat(60_000), ...(baggage > 0 && { baggage: '~'.repeat(baggage) }) };
    t.is((await call(session, goodFrame, headers)).status, '0', `${baggage}`);
  }
});

test('call – a stream that its client does not end is closed when a large answer is sent', async (t) => {
  const set = [['x-large', 'x'.repeat(20_000)]] as const;
  const { port } = await openDoor(t, { check: (evidence) => decided(evidence, set) });
  const session = openSession(t, port);
  const calls = Array.from({ length: 5 }, () => {
    const stream = open(session);
    const end = ended(stream);
    stream.write(goodFrame);
    return end;
  });
  for (const { status } of await Promise.all(calls)) t.is(status, '0');
});

for (const size of [1, 4, 5, 6, 100])
  test(`call – a message in frames of ${size} bytes is the same message`, async (t) => {
    const { port, asked } = await openDoor(t);
    const stream = open(openSession(t, port));
    const end = ended(stream);
    for (let at = 0; at < goodFrame.length; at += size) {
      stream.write(goodFrame.subarray(at, at + size));
      await new Promise(setImmediate);
    }
    stream.end();
    t.is((await end).code, 0);
    t.is(asked[0]?.evidence.request?.headers.authorization, 'Bearer a.b.c');
  });

test('call – it is answered when its message is whole, before its stream ends', async (t) => {
  const { port } = await openDoor(t);
  const session = openSession(t, port);
  const stream = open(session);
  const end = ended(stream);
  stream.write(goodFrame);
  t.is((await end).code, 0);
  t.true(stream.closed, 'and the stream is given back');
});

test('call – a check that is too large is denied from its prefix alone, and the connection goes on', async (t) => {
  const { port, asked } = await openDoor(t);
  const session = openSession(t, port);
  const large = Buffer.alloc(5);
  large.writeUInt32BE(4_194_305, 1);
  const stream = open(session);
  const end = ended(stream);
  stream.write(large);
  const { status, code, response } = await end;
  t.deepEqual([status, code, response?.deniedResponse?.status?.code], ['0', 7, 413 as never]);
  t.is(asked[0]?.evidence.flaw?.reason, 'check_too_large');
  t.is((await call(session)).code, 0);
});

test('call – the largest message that is allowed is read', async (t) => {
  const { port } = await openDoor(t);
  const whole = Buffer.alloc(4_194_304 + 5);
  whole.writeUInt32BE(4_194_304, 1);
  goodFrame.copy(whole, 5, 5);
  // The rest is one unknown field (1000, bytes) that fills it up.
  const at = goodFrame.length;
  const rest = whole.length - at - 6;
  Buffer.of(
    0xc2,
    0x3e,
    (rest & 0x7f) | 0x80,
    ((rest >> 7) & 0x7f) | 0x80,
    ((rest >> 14) & 0x7f) | 0x80,
    rest >> 21,
  ).copy(whole, at);
  t.is((await call(openSession(t, port), whole)).code, 0);
});

test('call – of 100 that arrive together, each gets the answer to its own message', async (t) => {
  const asked: Evidence[] = [];
  const check = (evidence: Evidence): Decision => {
    asked.push(evidence);
    return decided(evidence, [['x-token', evidence.request?.headers.authorization ?? '']]);
  };
  const { port } = await openDoor(t, { check });
  const session = openSession(t, port);
  const broken = Buffer.from(goodFrame).fill(255, 20, 40);
  const isBroken = (n: number) => n % 7 === 3;
  const isReset = (n: number) => n % 11 === 5;
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => {
      const stream = open(session);
      const end = ended(stream);
      stream.end(isBroken(n) ? broken : frameOf(httpCheck(`token.${n}`)));
      if (isReset(n)) stream.close(8);
      return end;
    }),
  );
  for (const [n, { code, response }] of answers.entries()) {
    if (isReset(n)) continue;
    t.is(code, isBroken(n) ? 7 : 0, `${n}`);
    if (isBroken(n)) continue;
    const sent = response?.okResponse?.headers?.map(({ header }) => header?.value);
    t.deepEqual(sent, [`Bearer token.${n}`]);
  }
  t.true(asked.length > 80);
});

test('call – one that is reset in the packet of its message is not decided, and the others are', async (t) => {
  const { port, asked } = await openDoor(t);
  const client = new Attacker(port, true);
  t.teardown(() => client.close());
  const check = (stream: number) =>
    Buffer.concat([request(stream, head), frame(types.data, flags.endStream, stream, goodFrame)]);
  await client.say(Buffer.concat([preface, settings()]));
  await waitFor('the settings', patience, () => client.frames.some(({ type }) => type === types.settings));
  await client.say(
    Buffer.concat([check(1), check(3), reset(3, 8), check(5), check(7), reset(7, 8), check(9)]),
  );
  const isEnd = ({ type, flag }: { type: number; flag: number }) =>
    type === types.headers && (flag & flags.endStream) !== 0;
  await waitFor('three answers', patience, () => client.frames.filter(isEnd).length === 3);
  t.is(asked.length, 3);
});

for (const type of ['application/grpc', 'application/grpc+proto', 'application/grpc;charset=utf-8'])
  test(`call – content-type ${type} is served`, async (t) => {
    const { port } = await openDoor(t);
    t.is((await call(openSession(t, port), goodFrame, { 'content-type': type })).code, 0);
  });

test('call – compression is refused, with what is accepted instead', async (t) => {
  const { port, asked } = await openDoor(t);
  const packed = Buffer.from(goodFrame);
  packed[0] = 1;
  const { head, status } = await call(openSession(t, port), packed, { 'grpc-encoding': 'gzip' });
  t.is(status, '12');
  t.is(head['grpc-status'], '12', 'all in the head');
  t.is(head['grpc-accept-encoding'], 'identity');
  t.is(asked.length, 0);
});

test('call – its deadline is that of its caller', async (t) => {
  const { port, asked } = await openDoor(t);
  const session = openSession(t, port);
  const before = Date.now();
  await call(session, goodFrame, { 'grpc-timeout': '5S' });
  await call(session);
  await call(session, goodFrame, { 'grpc-timeout': 'soon' });
  t.true((asked[0]?.deadline ?? 0) >= before + 5_000 && (asked[0]?.deadline ?? 0) <= Date.now() + 5_000);
  t.is(asked[1]?.deadline, Number.POSITIVE_INFINITY);
  t.is(asked[2]?.deadline, Number.POSITIVE_INFINITY);
});

const none = Number.POSITIVE_INFINITY;
const timeouts: Record<string, number> = {
  '1H': 3_600_000,
  '2M': 120_000,
  '3S': 3_000,
  '4m': 4,
  '5000u': 5,
  '6000000n': 6,
  '0n': 0,
  '00000001S': 1_000,
  '99999999H': 99_999_999 * 3_600_000,
  '': none,
  S: none,
  '1': none,
  '-1S': none,
  '1.5S': none,
  '1e9S': none,
  ' 1S': none,
  '1s': none,
  '123456789S': none,
  [`${'9'.repeat(60_000)}S`]: none,
};
for (const [text, expected] of Object.entries(timeouts))
  test(`timeout – ${JSON.stringify(text.slice(0, 12))} is ${expected} ms`, (t) => {
    t.is(timeoutOf(text), expected);
  });
test('timeout – several, or none, do not count', (t) => {
  t.is(timeoutOf(undefined), none);
  t.is(timeoutOf(['1S', '2S']), none);
});

test('call – a message that ends too early is denied', async (t) => {
  const { port, asked } = await openDoor(t, { maxMessageBytes: 1_048_576 });
  const { status, code, response } = await call(openSession(t, port), goodFrame.subarray(0, 50));
  t.deepEqual([status, code, response?.deniedResponse?.status?.code], ['0', 7, 400 as never]);
  t.is(asked[0]?.evidence.flaw?.reason, 'check_malformed');
});

test('health – Watch says each change, and ends when the door closes', async (t) => {
  const { port, server } = await openDoor(t);
  const session = openSession(t, port);
  const stream = open(session, { ':path': healthMethods.Watch.path });
  const seen: string[] = [];
  let rest: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= 7; rest = rest.subarray(7))
      seen.push(String(healthMethods.Watch.responseDeserialize(rest.subarray(5, 7)).status));
  });
  stream.end(Buffer.alloc(5));
  await waitFor('the first state', patience, () => seen.length === 1);
  server.setServing(true);
  await waitFor('the second state', patience, () => seen.length === 2);
  server.setServing(true);
  server.setServing(false);
  await waitFor('the third state', patience, () => seen.length === 3);
  t.deepEqual(seen, ['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
  await server.close(patience);
  await waitFor('the end of it', patience, () => stream.closed);
  t.is(stream.rstCode, 0);
});

test('health – Watch of an unknown service says so, and goes on', async (t) => {
  const { port } = await openDoor(t);
  const stream = open(openSession(t, port), { ':path': healthMethods.Watch.path });
  const first = new Promise<Buffer>((resolve) => stream.once('data', resolve));
  const message = healthMethods.Watch.requestSerialize({ service: 'other' });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
  t.is(healthMethods.Watch.responseDeserialize((await first).subarray(5)).status, 'SERVICE_UNKNOWN');
  await sleep(50);
  t.false(stream.closed);
});

test('health – a thousand streams watch, over all connections, and one more is refused', async (t) => {
  const { port } = await openDoor(t);
  const watch = async (session: ClientHttp2Session) => {
    const stream = open(session, { ':path': healthMethods.Watch.path });
    stream.end(Buffer.alloc(5));
    const [head] = await once(stream, 'response');
    return (head as IncomingHttpHeaders)['grpc-status'];
  };
  const [session, other] = [openSession(t, port), openSession(t, port)];
  const first = await Promise.all(Array.from({ length: 1_000 }, () => watch(session)));
  t.deepEqual(new Set(first), new Set([undefined]));
  t.is(await watch(other), '8');
  // A check has its place all the same, and a stream that ends leaves its own.
  t.is((await call(other)).status, '0');
  session.destroy();
  await waitFor('room for another stream', patience, async () => (await watch(other)) === undefined);
});

test('drain – checks under way are answered, and the connection ends well', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port, server, asked } = await openDoor(t, {}, {}, () => promise);
  const client = new Attacker(port, true);
  t.teardown(() => client.close());
  const check = (stream: number) =>
    Buffer.concat([request(stream, head), frame(types.data, flags.endStream, stream, goodFrame)]);
  await client.say(
    Buffer.concat([preface, settings(), ...Array.from({ length: 20 }, (_, n) => check(1 + 2 * n))]),
  );
  await waitFor('the checks', patience, () => asked.length === 20);
  const closed = server.close(patience);
  await waitFor('the word of it', patience, () => client.frames.some(({ type }) => type === types.goaway));
  resolve();
  await closed;
  t.true(await client.ended(60_000));
  const answered = client.frames.filter(
    ({ type, flag }) => type === types.headers && (flag & flags.endStream) !== 0,
  );
  t.is(answered.length, 20);
  for (const { payload } of client.frames.filter(({ type }) => type === types.goaway))
    t.deepEqual([payload.readUInt32BE(0), payload.readUInt32BE(4)], [39, 0]);
});

test('keepalive – a client that does not answer a ping is disconnected, another one is not', async (t) => {
  const { port } = await openDoor(t, {}, { rest: 150 });
  const mute = new Attacker(port);
  t.teardown(() => mute.close());
  await mute.say(Buffer.concat([preface, settings()]));
  const alive = openSession(t, port);
  t.is((await call(alive)).code, 0);
  t.true(await mute.ended(60_000));
  t.false(alive.destroyed);
  t.is((await call(alive)).code, 0);
});

test('protocol – the paths are those of the proto files', (t) => {
  t.is(checkMethod.path, '/envoy.service.auth.v3.Authorization/Check');
  t.is(healthMethods.Check.path, '/grpc.health.v1.Health/Check');
  t.is(healthMethods.Watch.path, '/grpc.health.v1.Health/Watch');
});
