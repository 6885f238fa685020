import type { Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { TurnShare } from '../../src/http2/turn-share.ts';
import { waitFor } from '../support/wait.ts';

/** A connection that notes what Node is told. */
function connection() {
  const told: string[] = [];
  const reading = {
    writeQueueSize: 0,
    readStop: () => void told.push('stop'),
    readStart: () => void told.push('start'),
  };
  const socket = { _handle: reading as typeof reading | null };
  const share = new TurnShare(socket as unknown as Socket);
  const begin = (streams: number) => {
    for (let n = 0; n < streams; n++) share.begin();
  };
  return { told, reading, socket, begin };
}

test('share of a turn – a usual number of streams stops nothing', async (t) => {
  const { told, begin } = connection();
  for (let turn = 0; turn < 5; turn++) {
    begin(255);
    await setImmediate();
  }
  t.deepEqual(told, []);
});

test('share of a turn – a connection that begins many streams is read again in the next turn', async (t) => {
  const { told, begin } = connection();
  for (let turn = 0; turn < 3; turn++) {
    begin(1_000);
    t.is(told.at(-1), 'stop');
    await setImmediate();
  }
  t.deepEqual(told, ['stop', 'start', 'stop', 'start', 'stop', 'start']);
});

test('share of a turn – while answers wait for their reader, nothing is read', async (t) => {
  const { told, reading, begin } = connection();
  reading.writeQueueSize = 1;
  begin(256);
  await sleep(50);
  t.deepEqual(told, ['stop']);
  reading.writeQueueSize = 0;
  await waitFor('the next read', 5_000, () => told.length > 1);
  t.deepEqual(told, ['stop', 'start']);
});

test('share of a turn – a connection that has ended, and a Node without these functions', async (t) => {
  const { told, socket, begin } = connection();
  begin(256);
  socket._handle = null;
  await setImmediate();
  begin(256);
  socket._handle = {} as never;
  await setImmediate();
  t.deepEqual(told, ['stop']);
});
