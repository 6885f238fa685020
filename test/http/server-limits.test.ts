import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { waitFor } from '../support/wait.ts';
import { ask, http2Client, RawClient, serve, serveLate, status } from './server-world.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

/*
 * What must be served has seconds for it, because a busy machine stops this process for a while. What must be cut off is
 * waited for longer.
 */

/** A connection on which bytes come one by one, more slowly than anything is allowed to take in all. */
async function drip(t: ExecutionContext, port: number, text: string): Promise<RawClient> {
  const client = new RawClient(t, port);
  for (const byte of text) {
    if (client.ended) break;
    client.say(byte);
    await sleep(25);
  }
  return client;
}

const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(400)}`;

test('limits – a silent connection is closed', async (t) => {
  const { port } = await serve(t, undefined, { head: 100 });
  t.is(await new RawClient(t, port).end(), '');
});

test('limits – a connection that says half of the preface of HTTP/2 is cut off', async (t) => {
  const { port } = await serve(t, undefined, { head: 100 });
  t.is(await new RawClient(t, port).say('PRI * HTTP/2.0\r\n').end(), '');
  t.is(await (await drip(t, port, 'PRI * HTTP/2.0\r\n')).end(), '');
});

test('limits – the end after some first bytes is the end', async (t) => {
  const { port } = await serve(t);
  for (const text of ['', 'P', 'PRI * HTTP']) {
    const client = new RawClient(t, port).say(text);
    client.socket.end();
    t.is(await client.end(), '');
  }
});

test('limits – a head that comes in drips: 408 and closed', async (t) => {
  const { port, asked } = await serve(t, undefined, { head: 2_000 });
  t.is(status(await (await drip(t, port, long)).end()), 408);
  t.is(asked.length, 0);
});

test('limits – the second head of a connection that comes in drips: 408 and closed', async (t) => {
  const { port, asked } = await serve(t, undefined, { head: 3_000 });
  const client = new RawClient(t, port).say(get);
  await client.hears(/GET \/$/);
  await sleep(4_000);
  t.false(client.ended);
  client.say(long);
  t.regex(await client.end(), /GET \/HTTP\/1\.1 408 /);
  t.is(asked.length, 1);
});

test('limits – a body that comes in drips, before its answer: 408 and closed', async (t) => {
  const { port } = await serveLate(t, { head: 2_000, request: 2_000 });
  const client = new RawClient(t, port).say('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1');
  t.is(status(await client.end()), 408);
});

test('limits – a slow answer is not counted as a slow client', async (t) => {
  const { port, asked, release } = await serveLate(t, { head: 3_000, request: 3_000, idle: 2_000 });
  const client = new RawClient(t, port).say(get);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const answer = ask(session, { ':path': '/2' });
  await waitFor('the checks', 5_000, () => asked.length === 2);
  await sleep(4_500);
  release();
  t.is(status(await client.hears(/GET \/$/)), 200);
  t.is((await answer).status, 200);
});

test('limits – an answer that never comes ends the connection', async (t) => {
  const { port } = await serveLate(t, { stall: 300 });
  t.is(await new RawClient(t, port).say(get).end(), '');
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  await t.throwsAsync(ask(session, { ':path': '/2' }));
  await waitFor('the end of the session', 5_000, () => session.destroyed);
});

test('limits – a connection that is not used any more is closed, and not before', async (t) => {
  const { port } = await serve(t, undefined, { idle: 6_000, head: 2_000, request: 2_000, stall: 2_000 });
  const client = new RawClient(t, port).say(get);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  let goaway: number | undefined;
  session.on('goaway', (code) => {
    goaway = code;
  });
  await client.hears(/GET \/$/);
  await ask(session, { ':path': '/' });
  const began = performance.now();
  await client.end();
  t.true(performance.now() - began > 3_000);
  await waitFor('the end of the session', 5_000, () => session.destroyed);
  t.is(goaway, 0);
});

test('limits – an HTTP/2 session that never asks is closed', async (t) => {
  const { port } = await serve(t, undefined, { head: 200 });
  const client = new RawClient(t, port).say(preface);
  await client.hears(/^.../s);
  await client.end();
  t.pass();
});

test('limits – an HTTP/2 session is alive while it asks', async (t) => {
  const { port } = await serve(t, undefined, { head: 2_000, stall: 4_000, idle: 4_000 });
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  for (let round = 0; round < 10; round++) {
    t.is((await ask(session, { ':path': '/' })).status, 200);
    await sleep(600);
  }
});

test('limits – a client that never reads is not read any more, and cut off', async (t) => {
  const body = 'x'.repeat(100_000);
  const { port, asked } = await serve(t, async () => ({ status: 200, headers: [], body }), { stall: 1_000 });
  const client = new RawClient(t, port);
  client.socket.pause();
  let sent = 0;
  for (; sent < 2_000 && asked.length >= sent - 50; sent += 10) {
    client.say(get.repeat(10));
    await sleep(5);
  }
  // 100 KB each: what the kernel's buffers take, and little more.
  t.true(asked.length < 500, `${asked.length} answers`);
  await waitFor('the end of it', 10_000, async () => {
    client.say(get);
    await sleep(100);
    return client.socket.destroyed;
  });
  t.is(status(await new RawClient(t, port).say(get).hears(/x$/)), 200);
});

test('limits – more connections than are allowed are refused, until there are fewer', async (t) => {
  const { port } = await serve(t, undefined, { connections: 3 });
  const clients = Array.from({ length: 3 }, () => new RawClient(t, port).say(get));
  for (const client of clients) await client.hears(/GET \/$/);
  t.is(await new RawClient(t, port).say(get).end(), '');
  clients[0]?.socket.destroy();
  await waitFor('a place', 5_000, async () => {
    const client = new RawClient(t, port).say(get);
    return client.hears(/GET \/$/).catch(() => undefined);
  });
  t.pass();
});

test('limits – a thousand connections that begin and break off leave nothing behind', async (t) => {
  const { port } = await serve(t, undefined, { connections: 60 });
  for (let round = 0; round < 20; round++) {
    const texts = ['', 'P', 'PRI', get, preface];
    const clients = Array.from({ length: 50 }, (_, n) => new RawClient(t, port).say(texts[n % 5] ?? ''));
    await sleep(10);
    for (const { socket } of clients) socket.destroy();
    await waitFor('free places', 5_000, () =>
      new RawClient(t, port)
        .say(get)
        .hears(/GET \/$/)
        .catch(() => undefined),
    );
  }
  t.pass();
});

test('limits – an ordinary client with kept connections gets through, however many requests it has', async (t) => {
  const { port } = await serve(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  t.teardown(() => agent.destroy());
  const once = (n: number): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, agent, path: `/${n}` }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
        .on('error', reject)
        .end();
    });
  const statuses = await Promise.all(Array.from({ length: 1_000 }, (_, n) => once(n)));
  t.deepEqual([...new Set(statuses)], [200]);
});
