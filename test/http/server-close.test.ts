import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { waitFor, withDeadline } from '../support/wait.ts';
import { get as getFrame, preface, settings } from './server-frames.ts';
import { ask, http2Client, patience, RawClient, serve, serveLate, status } from './server-world.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const never = 1_000_000;

test('close – without connections it ends at once, and accepts no new ones', async (t) => {
  const { server, port } = await serve(t);
  await withDeadline('close', patience, server.close(never));
  const client = new RawClient(t, port);
  await client.end();
  t.true(client.socket.destroyed);
});

test('close – idle connections are closed at once', async (t) => {
  const { server, port } = await serve(t);
  const silent = new RawClient(t, port);
  const undecided = new RawClient(t, port).say('PRI * HT');
  const idle = new RawClient(t, port).say(get);
  await idle.hears(/GET \/$/);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  await ask(session, { ':path': '/' });
  const unused = new RawClient(t, port).say(Buffer.concat([preface, settings]));
  await unused.hears(/^.../s);
  await sleep(50);
  await withDeadline('close', patience, server.close(never));
  for (const client of [silent, undecided, idle, unused]) await client.end();
  await waitFor('the end of the session', patience, () => session.destroyed);
  t.notRegex(idle.received, /GET \/.*HTTP/s);
});

test('close – what is asked already is answered, as the last of its connection', async (t) => {
  const { server, port, asked, release } = await serveLate(t);
  const client = new RawClient(t, port).say(get);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  let goaway: number | undefined;
  session.on('goaway', (code) => {
    goaway = code;
  });
  const answers = [ask(session, { ':path': '/1' }), ask(session, { ':path': '/2' })];
  await waitFor('the checks', patience, () => asked.length === 3);
  const closed = server.close(never);
  await waitFor('GOAWAY', patience, () => goaway !== undefined);
  t.is(goaway, 0);
  release();
  for (const answer of answers) t.is((await answer).status, 200);
  t.regex(await client.end(), /^HTTP\/1\.1 200 (?:.+\r\n)*connection: close\r\n(?:.+\r\n)*\r\nGET \/$/);
  await withDeadline('close', patience, closed);
});

test('close – all pipelined requests are answered, whichever is decided last', async (t) => {
  const first = Promise.withResolvers<void>();
  const { server, port, asked } = await serve(t, async ({ target }) => {
    if (target === '/1') await first.promise;
    return { status: 200, headers: [], body: `<${target}>` };
  });
  const client = new RawClient(t, port).say(
    [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
  );
  await waitFor('the checks', patience, () => asked.length === 3);
  await sleep(20);
  const closed = server.close(never);
  first.resolve();
  t.deepEqual((await client.end()).match(/<.*?>/g), ['</1>', '</2>', '</3>']);
  await withDeadline('close', patience, closed);
});

test('close – a request that comes meanwhile, on a connection with another, is answered as the last', async (t) => {
  const { server, port, asked, release } = await serveLate(t);
  const client = new RawClient(t, port).say('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor('the check', patience, () => asked.length === 1);
  const closed = server.close(never);
  client.say('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor('the check', patience, () => asked.length === 2);
  release();
  const received = await client.end();
  t.is(received.match(/HTTP\/1\.1 200/g)?.length, 2);
  t.true(received.indexOf('connection: close') > received.indexOf('GET /1'));
  await withDeadline('close', patience, closed);
});

test('close – a request of which half has come is waited for', async (t) => {
  const { server, port } = await serve(t);
  const client = new RawClient(t, port).say(get);
  await client.hears(/GET \/$/);
  client.say('GET /2 HTTP/1.1\r\nHo');
  // When others have asked after it, it has arrived.
  for (let round = 0; round < 3; round++) await new RawClient(t, port).say(get).hears(/GET \/$/);
  const closed = server.close(never);
  await sleep(50);
  client.say('st: a\r\n\r\n');
  t.regex(await client.end(), /GET \/HTTP\/1\.1 200 .*connection: close.*GET \/2$/s);
  await withDeadline('close', patience, closed);
});

test('close – after the time for it everything is ended, whatever it is doing', async (t) => {
  const { server, port, asked } = await serveLate(t);
  const clients = [
    get,
    get + get,
    'GET / HTT',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx',
    Buffer.concat([preface, settings, getFrame(1)]),
    Buffer.concat([preface, settings, getFrame(1).subarray(0, 15)]),
  ].map((text) => new RawClient(t, port).say(text));
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const answer = ask(session, { ':path': '/' });
  const refused = t.throwsAsync(answer);
  await waitFor('the checks', patience, () => asked.length === 6);
  await withDeadline('close', patience, server.close(100));
  for (const client of clients) t.notRegex(await client.end(), / 200 /);
  await refused;
});

test('close – clients that never read do not hold it longer than that', async (t) => {
  const { server, port, asked } = await serve(t, async () => ({
    status: 200,
    headers: [],
    body: 'x'.repeat(20_000_000),
  }));
  const first = new RawClient(t, port);
  first.socket.pause();
  first.say(get);
  const second = new RawClient(t, port);
  second.socket.pause();
  second.say(Buffer.concat([preface, settings, getFrame(1)]));
  await waitFor('the checks', patience, () => asked.length === 2);
  await withDeadline('close', patience, server.close(100));
  t.pass();
});

test('close – a long answer that is being read is not cut short', async (t) => {
  const body = 'x'.repeat(5_000_000);
  const { server, port, asked } = await serve(t, async () => ({ status: 200, headers: [], body }));
  const client = new RawClient(t, port).say(get);
  await waitFor('the check', patience, () => asked.length === 1);
  const closed = server.close(never);
  t.is((await client.end()).split('\r\n\r\n')[1]?.length, body.length);
  await withDeadline('close', patience, closed);
});

test('close – closing twice is allowed, and a rejected answer does not delay it', async (t) => {
  const { server, port } = await serve(t, () => Promise.reject(new Error('no')));
  const client = new RawClient(t, port).say(get);
  t.is(status(await client.hears(/\r\n\r\n$/)), 500);
  await withDeadline('close', patience, Promise.all([server.close(never), server.close(never)]));
  await withDeadline('close', patience, server.close(0));
});

test('listen – a port that is taken is an error', async (t) => {
  const { port } = await serve(t);
  const { startHttpServer } = await import('../../src/http/transport/server.ts');
  const answer = async () => ({ status: 200, headers: [], body: '' });
  await t.throwsAsync(startHttpServer({ host: '127.0.0.1', port, answer }), { code: 'EADDRINUSE' });
});
