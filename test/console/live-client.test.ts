import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { LiveClient } from '../../src/console/live-client.ts';
import { waitFor } from '../support/wait.ts';

/** A client that has asked and reads nothing yet. */
async function startClient(t: ExecutionContext) {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, response) => asked.resolve(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => {
    socket.destroy();
    server.close();
  });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  socket.pause();
  const response = await asked.promise;
  return { socket, response, client: new LiveClient(response, () => true) };
}

const line = { effect: 'deny', reason: 'no_rule' } as const;
const lines = Array.from({ length: 25 }, () => ({
  line,
  text: JSON.stringify({ ...line, path: 'x'.repeat(4_000) }),
}));

test('console client – if it does not read, lines are left out, and it hears how many', async (t) => {
  const { socket, response, client } = await startClient(t);
  // The kernel holds a few megabytes.
  await waitFor('a full buffer', 10_000, async () => {
    for (let n = 0; n < 10; n++) client.add(lines, 0);
    return response.writableLength > 262_144;
  });
  const held = response.writableLength;
  for (let n = 0; n < 40; n++) client.add(lines, 5);
  t.is(response.writableLength, held);
  t.true(held < 500_000);
  let read = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    read += piece;
  });
  socket.resume();
  await waitFor('room', 10_000, async () => response.writableLength === 0);
  client.add([], 0);
  await waitFor('the number', 10_000, async () => /"left":[1-9]\d*,"lines":\[\]/.test(read));
  t.true(Number(/"left":([1-9]\d*),/.exec(read)?.[1]) >= 40 * (25 + 5));
});

test('console client – if it has not read for a minute, it is closed', async (t) => {
  const { socket, response, client } = await startClient(t);
  await waitFor('a full buffer', 10_000, async () => {
    for (let n = 0; n < 10; n++) client.add(lines, 0);
    return response.writableLength > 262_144;
  });
  for (let n = 0; n < 220; n++) client.add(lines, 0);
  t.false(response.destroyed);
  for (let n = 0; n < 30; n++) client.add(lines, 0);
  t.true(response.destroyed);
  socket.on('error', () => undefined).resume();
});

test('console client – one message is bounded, and keeps the newest lines', async (t) => {
  const { socket, client } = await startClient(t);
  let read = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    read += piece;
  });
  socket.resume();
  const many = [...lines, ...lines, { line, text: '{"path":"last"}' }];
  client.add(many, 3);
  await waitFor('the message', 10_000, async () => read.includes('"last"'));
  const [, left = '', list = ''] = /data: \{"left":(\d+),"lines":(\[.*\])\}/.exec(read) ?? [];
  t.true(list.length < 140_000);
  t.is(JSON.parse(list).length + Number(left), many.length + 3);
});
