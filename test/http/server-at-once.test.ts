import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { HttpAnswer, HttpCheck } from '../../src/http/transport/server.ts';
import { waitFor, withDeadline } from '../support/wait.ts';
import { ask, http2Client, patience, RawClient, serve, status } from './server-world.ts';

/** Answers without a promise: they are sent together, at the end of the turn. */

const atOnce = ({ target }: HttpCheck): HttpAnswer => ({ status: 200, headers: [], body: `<${target}>` });
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const bodiesOf = (received: string) => received.match(/<.*?>/g);

test('answer at once – pipelined requests are answered in their order, also behind a late answer', async (t) => {
  const late = Promise.withResolvers<void>();
  const { port, asked } = await serve(t, (check) =>
    check.target === '/2' ? late.promise.then(() => atOnce(check)) : atOnce(check),
  );
  const client = new RawClient(t, port).say(['/1', '/2', '/3'].map(get).join(''));
  await client.hears(/<\/1>/);
  t.is(asked.length, 3);
  late.resolve();
  t.deepEqual(bodiesOf(await client.hears(/<\/3>/)), ['</1>', '</2>', '</3>']);
  // The connection goes on.
  t.deepEqual(bodiesOf(await client.say(get('/4')).hears(/<\/4>/)), ['</1>', '</2>', '</3>', '</4>']);
});

test('answer at once – of more requests in one read than proxies send, only so many are answered', async (t) => {
  const { port, asked } = await serve(t, atOnce);
  await new RawClient(t, port).say(get('/').repeat(5_000)).end();
  t.is(asked.length, 100);
});

test('answer at once – a body in the same read belongs to its request, and the connection goes on', async (t) => {
  const { port } = await serve(t, atOnce);
  const post = (target: string, framing: string) => `POST ${target} HTTP/1.1\r\nHost: a\r\n${framing}`;
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  const client = new RawClient(t, port).say(
    post('/1', 'Content-Length: 5\r\n\r\nhello') + post('/2', chunked) + get('/3'),
  );
  const received = await client.hears(/<\/3>/);
  t.deepEqual(bodiesOf(received), ['</1>', '</2>', '</3>']);
  t.notRegex(received, /connection: close/i);
});

test('answer at once – a body that is too long for its connection ends it, although all of it is here', async (t) => {
  const { port } = await serve(t, atOnce, { grace: 100 });
  const long = 'x'.repeat(65_537);
  const head = `POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${long.length}\r\n\r\n`;
  const client = new RawClient(t, port).say(head + long + get('/2'));
  t.regex(await client.end(), /^HTTP\/1\.1 200 (?:.+\r\n)*connection: close\r\n(?:.+\r\n)*\r\n<\/1>$/);
});

test('answer at once – during close, every request of the last read is answered', async (t) => {
  const { server, port } = await serve(t, atOnce);
  const client = new RawClient(t, port).say(get('/1'));
  await client.hears(/<\/1>/);
  client.say('GET /2 HTTP/1.1\r\nHo');
  // When another has asked after it, it has arrived.
  for (let round = 0; round < 3; round++) await new RawClient(t, port).say(get('/')).hears(/<\/>/);
  const closed = server.close(patience);
  await sleep(50);
  client.say(`st: a\r\n\r\n${get('/3')}`);
  const received = await client.end();
  t.deepEqual(bodiesOf(received), ['</1>', '</2>', '</3>']);
  t.is(received.match(/connection: close/g)?.length, 1);
  await withDeadline('close', patience, closed);
});

test('answer at once – one that cannot be sent becomes an empty 500, and the connection goes on', async (t) => {
  const { port } = await serve(t, () => ({
    status: 200,
    headers: [['x-a', 'b\r\nx-forged: c']],
    body: 'yes',
  }));
  const received = await new RawClient(t, port).say(get('/').repeat(2)).hears(/^(?:HTTP(?:.+\r\n)+\r\n){2}$/);
  t.is(status(received), 500);
  t.notRegex(received, /forged|yes/);
});

test('answer at once – a client that never reads is not read any more, and cut off', async (t) => {
  const body = 'x'.repeat(100_000);
  const { port, asked } = await serve(t, () => ({ status: 200, headers: [], body }), { stall: 1_000 });
  const client = new RawClient(t, port);
  client.socket.pause();
  for (let sent = 0; sent < 2_000 && asked.length >= sent - 50; sent += 10) {
    client.say(get('/').repeat(10));
    await sleep(5);
  }
  t.true(asked.length < 500, `${asked.length} answers`);
  await waitFor('the end of it', patience, async () => {
    client.say(get('/'));
    await sleep(100);
    return client.socket.destroyed;
  });
});

test('answer at once – HTTP/2 streams of one session get theirs', async (t) => {
  const { port } = await serve(t, atOnce);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      ask(session, { ':path': `/${n}` }, n % 2 ? Buffer.from('x') : undefined),
    ),
  );
  for (const [n, { status, body }] of answers.entries())
    t.deepEqual({ status, body }, { status: 200, body: `</${n}>` });
});
