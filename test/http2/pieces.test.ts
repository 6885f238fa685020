import { EventEmitter } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import test from 'ava';
import { IncomingMessage, type Received } from '../../src/grpc/transport/message.ts';
import { readArriving } from '../../src/http/transport/arriving-body.ts';
import { Intake } from '../../src/http2/intake.ts';
import { Pieces } from '../../src/http2/pieces.ts';
import { keptByEach } from '../support/heap.ts';

const bounds = { bytes: 1e9, window: 65_536, patience: 60_000, stall: 60_000 };
const size = 20_000;
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

test('pieces – a body that comes a byte at a time takes no more than its bytes', (t) => {
  const streams: Readable[] = [];
  const kept = keptByEach(4, () => {
    const stream = new Readable({ read() {} });
    streams.push(stream);
    void readArriving(stream, new Intake(bounds), () => true);
    for (let n = 0; n < size; n++) stream.emit('data', piece(n));
  });
  t.true(kept < size, `${kept} bytes of heap for ${size} that are counted`);
});

test('pieces – a message that comes a byte at a time takes no more than its bytes', (t) => {
  const streams: EventEmitter[] = [];
  const kept = keptByEach(4, () => {
    const stream = new EventEmitter();
    streams.push(stream);
    new IncomingMessage(stream as ServerHttp2Stream, new Intake(bounds), size, () => {});
    for (const byte of prefixOf(size)) stream.emit('data', Buffer.from([byte]));
    for (let n = 1; n < size; n++) stream.emit('data', piece(n));
  });
  t.true(kept < size, `${kept} bytes of heap for ${size} that are counted`);
});

test('pieces – a body and a message that come a byte at a time are read as they were sent', async (t) => {
  const stream = Readable.from([...Array(size).keys()].map(piece), { objectMode: false });
  t.is(await readArriving(stream, new Intake(bounds), () => true), text);

  const received: Received[] = [];
  const call = Object.assign(new EventEmitter(), { resume() {} });
  new IncomingMessage(call as unknown as ServerHttp2Stream, new Intake(bounds), size, (one) =>
    received.push(one),
  );
  for (const byte of prefixOf(size)) call.emit('data', Buffer.from([byte]));
  for (let n = 0; n < size; n++) call.emit('data', piece(n));
  t.deepEqual(received.map(String), [text]);
});

/** What stands in front of a message (gRPC over HTTP/2, Length-Prefixed-Message). */
function prefixOf(length: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}
