import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createSessions } from '../../src/http2/sessions.ts';
import { openSession, patience } from '../grpc/door-world.ts';
import { waitFor } from '../support/wait.ts';

const bounds = { streams: 10, window: 65_535, headBytes: 16_384, headerLines: 100 };
const times = { first: undefined, rest: patience, stall: patience, idle: patience, grace: patience };

/** A server whose streams are answered, or not, and then kept. */
async function keepStreams(t: ExecutionContext, answer: (stream: ServerHttp2Stream) => void) {
  const kept: ServerHttp2Stream[] = [];
  const sessions = createSessions(bounds, times, (stream) => {
    kept.push(stream);
    stream.on('end', () => undefined);
    answer(stream);
    return 'answer';
  });
  const server = createServer(sessions.accept).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  return { kept, port: (server.address() as AddressInfo).port };
}

test('streams – one that was answered and has closed keeps no listener but one for errors', async (t) => {
  const { kept, port } = await keepStreams(t, (stream) => {
    stream.respond({}, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({}));
    stream.end('x');
  });
  const client = openSession(t, port).request();
  client.resume();
  await once(client, 'close');
  await waitFor('the close', patience, () => kept[0]?.listenerCount('wantTrailers') === 0);
  t.deepEqual(kept[0]?.eventNames(), ['error']);
  t.true(kept[0]?.emit('error', new Error('late')));
});

test('streams – one that its client has reset keeps none either, and all heard of its close', async (t) => {
  let heard = 0;
  const { kept, port } = await keepStreams(t, (stream) => {
    stream.on('close', () => heard++);
    stream.on('data', () => stream.on('close', () => heard++));
  });
  const client = openSession(t, port).request({ ':method': 'POST' });
  client.on('error', () => undefined);
  client.write('x');
  await waitFor('the body', patience, () => kept[0]?.listenerCount('close') === 3);
  client.close(constants.NGHTTP2_CANCEL);
  await waitFor('the close', patience, () => heard === 2);
  await waitFor('the end', patience, () => kept[0]?.listenerCount('close') === 0);
  t.deepEqual(kept[0]?.eventNames(), ['error']);
});
