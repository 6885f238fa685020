import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { IncomingMessage, type Received } from '../../src/grpc/transport/message.ts';
import { readArriving } from '../../src/http/transport/arriving-body.ts';
import { holdBack } from '../../src/http2/hold-back.ts';
import { Intake } from '../../src/http2/intake.ts';
import { Pieces } from '../../src/http2/pieces.ts';
import { collect, keptByEach } from '../support/heap.ts';

const bounds = { bytes: 1e9, messages: 1e9, heads: 1e9, window: 65_536, patience: 60_000, stall: 60_000 };
const size = 20_000;
/** So many that the code that V8 compiles meanwhile does not count. */
const bodies = 40;
const letters = Buffer.from('abcdefghijklmnopqrstuvwxyz');
const piece = (n: number) => letters.subarray(n % 26, (n % 26) + 1);
const text = Array.from({ length: size }, (_, n) => piece(n).toString()).join('');

test('pieces – they are joined in their order, whatever their sizes', (t) => {
  for (const sizes of [[], [0], [1], [0, 26, 0], [1, 2, 3, 4, 5, 26, 26], Array(5_000).fill(26)]) {
    const pieces = new Pieces();
    const parts = sizes.map((length: number) => letters.subarray(0, length));
    for (const part of parts) pieces.add(part);
    t.deepEqual(pieces.joined(), Buffer.concat(parts));
    t.is(pieces.size, Buffer.concat(parts).length);
  }
});

test('pieces – what is added later does not change when its packet does', (t) => {
  const packet = Buffer.from('ab');
  const pieces = new Pieces();
  pieces.add(packet);
  packet.fill('x');
  t.is(pieces.joined().toString(), 'ab');
});

/** A stream whose sender pushes bytes as Node does, also when it should not. */
function flowing() {
  const stream = new Readable({ read() {}, autoDestroy: false });
  const tell = (count: number) => {
    for (let n = 0; n < count; n++) stream.push(piece(n));
  };
  return { stream, tell };
}

/** In which the next message to grow has to wait, and has its window. */
function crowded(): Intake {
  const intake = new Intake({ ...bounds, bytes: 250_000 });
  const other = { pause() {}, resume() {}, giveUp() {} };
  intake.begin(other, {});
  intake.grow(other, 150_000);
  return intake;
}

for (const [where, open] of [
  ['', () => new Intake(bounds)],
  [', also while it has to wait', crowded],
] as const) {
  test(`pieces – a body that comes a byte at a time takes no more than its bytes${where}`, (t) => {
    const streams: Readable[] = [];
    const kept = keptByEach(bodies, () => {
      const { stream, tell } = flowing();
      streams.push(stream);
      void readArriving(stream, {}, open(), () => true);
      stream.resume();
      stream.read(0);
      tell(size);
    });
    t.true(kept < size, `${kept} bytes of heap for ${size} that are counted`);
  });

  test(`pieces – a message that comes a byte at a time takes no more than its bytes${where}`, (t) => {
    const streams: Readable[] = [];
    const kept = keptByEach(bodies, () => {
      const { stream, tell } = flowing();
      streams.push(stream);
      messageOf(stream, () => {}, open()).wait();
      for (const byte of prefixOf(size)) stream.push(Buffer.from([byte]));
      tell(size - 1);
    });
    t.true(kept < size, `${kept} bytes of heap for ${size} that are counted`);
  });
}

test('pieces – a message that was read keeps nothing of its call, however long its stream is kept', async (t) => {
  const streams: Readable[] = [];
  const read = () => {
    const headers = { te: 'trailers' };
    const { stream } = flowing();
    streams.push(stream);
    messageOf(stream, () => void headers).wait();
    for (const byte of [...prefixOf(1), 0]) stream.push(Buffer.from([byte]));
    return new WeakRef(headers);
  };
  const headers = read();
  await setImmediate();
  collect();
  t.is(headers.deref(), undefined);
  t.is(streams.length, 1);
});

test('pieces – what arrives while a body has to wait is counted once, and is part of it', async (t) => {
  const intake = crowded();
  const { stream, tell } = flowing();
  const body = readArriving(stream, {}, intake, () => true);
  tell(1);
  await setImmediate();
  t.is(intake.bytes, 150_000 + 1 + bounds.window);
  tell(100);
  t.is(intake.bytes, 150_000 + 1 + bounds.window);
  stream.push(null);
  t.is(await body, `a${text.slice(0, 100)}`);
  t.is(intake.bytes, 150_000);
});

test('hold back – what arrives is emitted and not kept, the sender is asked to stop, and it goes on', async (t) => {
  let reads = 0;
  const seen: string[] = [];
  const stream = new Readable({ read: () => void reads++ });
  stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
  stream.push('a');
  await setImmediate();
  holdBack(stream);
  const goOn = holdBack(stream);
  const before = reads;
  for (const letter of 'bcd') t.false(stream.push(Buffer.from(letter)));
  await setImmediate();
  t.deepEqual([seen.join(''), stream.readableLength, reads], ['abcd', 0, before]);
  goOn();
  t.is(reads, before + 1);
  t.true(stream.push('e'));
  stream.push(null);
  await once(stream, 'end');
  t.is(seen.join(''), 'abcde');
});

test('pieces – a body and a message that come a byte at a time are read as they were sent', async (t) => {
  const stream = Readable.from([...Array(size).keys()].map(piece), { objectMode: false });
  t.is(await readArriving(stream, {}, new Intake(bounds), () => true), text);

  const received: Received[] = [];
  const { stream: call, tell } = flowing();
  messageOf(call, (one) => received.push(one)).wait();
  for (const byte of prefixOf(size)) call.push(Buffer.from([byte]));
  tell(size);
  t.deepEqual(received.map(String), [text]);
});

test('message – one that is whole in the turn of its beginning never waits', (t) => {
  const intake = new Intake({ ...bounds, patience: 0, stall: 1 });
  const { stream } = flowing();
  const received: Received[] = [];
  const message = messageOf(stream, (one) => received.push(one), intake);
  t.true(stream.push(Buffer.concat([prefixOf(3), letters.subarray(0, 3)])));
  message.wait();
  t.deepEqual(received.map(String), ['abc']);
  t.is(stream.listenerCount('close'), 0);
  t.is(intake.bytes, 0);
});

test('message – bytes from before it waits are counted, and released at its end', (t) => {
  const { intake, tell, received, message } = halfMessage();
  t.is(intake.bytes, 0);
  message.wait();
  t.is(intake.bytes, 9);
  tell(3);
  t.is(intake.bytes, 12);
  tell(3);
  t.is(intake.bytes, 0);
  t.is(received.length, 1);
});

test('message – while it has to wait for room, its sender is asked to stop, and then to go on', (t) => {
  let reads = 0;
  const stream = new Readable({ read: () => void reads++ });
  const message = messageOf(stream, () => {}, crowded());
  t.is(reads, 1);
  message.wait();
  stream.push(prefixOf(10));
  for (const n of [1, 2]) t.false(stream.push(piece(n)));
  t.is(reads, 1);
  message.resume();
  message.resume();
  t.is(reads, 2);
  t.true(stream.push(piece(3)));
  t.is(stream.readableLength, 0);
});

test('message – one whose client has gone before the end of the turn does not wait', (t) => {
  const { intake, stream, tell, received, message } = halfMessage();
  stream.destroy();
  message.wait();
  t.is(intake.bytes, 0);
  tell(6);
  t.deepEqual(received, []);
});

test('message – one that ends too early is malformed, and its stream ends', async (t) => {
  const { stream } = flowing();
  const received: Received[] = [];
  messageOf(stream, (one) => received.push(one));
  stream.push(prefixOf(10));
  stream.push(null);
  stream.read(0);
  await once(stream, 'end');
  t.like(received, [{ reason: 'check_malformed' }]);
});

test('message – what its stream holds already is read first', async (t) => {
  const whole = Buffer.concat([prefixOf(3), letters.subarray(0, 3)]);
  for (const early of [whole, whole.subarray(0, 2)]) {
    const { stream } = flowing();
    const received: Received[] = [];
    stream.push(early);
    const message = messageOf(stream, (one) => received.push(one));
    if (early !== whole) stream.push(whole.subarray(2));
    message.wait();
    t.deepEqual(received.map(String), ['abc']);
  }
});

test('message – one whose stream ended before it was read is malformed', async (t) => {
  for (const early of [[], [prefixOf(10)]]) {
    const { stream } = flowing();
    const received: Received[] = [];
    for (const chunk of early) stream.push(chunk);
    stream.push(null);
    const message = messageOf(stream, (one) => received.push(one));
    await setImmediate();
    message.wait();
    t.like(received, [{ reason: 'check_malformed' }]);
  }
});

/** Nine bytes of a message of fifteen, with its prefix. It does not wait yet. */
function halfMessage() {
  const intake = new Intake(bounds);
  const { stream, tell } = flowing();
  const received: Received[] = [];
  const message = messageOf(stream, (one) => received.push(one), intake);
  stream.push(prefixOf(10));
  tell(4);
  return { intake, stream, tell, received, message };
}

function messageOf(
  stream: Readable,
  then: (received: Received) => void,
  intake = new Intake(bounds),
): IncomingMessage {
  return new IncomingMessage(stream as unknown as ServerHttp2Stream, {}, intake, size, then);
}

/** What stands in front of a message (gRPC over HTTP/2, Length-Prefixed-Message). */
function prefixOf(length: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}
