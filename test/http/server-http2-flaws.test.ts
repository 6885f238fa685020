import { randomBytes } from 'node:crypto';
import { constants } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { HttpAnswer } from '../../src/http/transport/server.ts';
import { waitFor } from '../support/wait.ts';
import { frame, get, headers, preface, reset, settings } from './server-frames.ts';
import { ask, http2Client, patience, RawClient, serve, serveLate } from './server-world.ts';

const pseudo = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/x'],
] as const;
const request = [...pseudo, [':authority', 'a']] as const;

const unsendable: [string, unknown][] = [
  ['a newline in a header', { status: 200, headers: [['x-a', 'b\r\nx-forged: c']], body: 'yes' }],
  ['a pseudo header', { status: 200, headers: [[':status', '200']], body: 'yes' }],
  ['a header of a connection', { status: 200, headers: [['connection', 'x']], body: 'yes' }],
  [
    'two of what there can be only one',
    { status: 200, headers: ['a', 'b'].map((v) => ['etag', v]), body: 'yes' },
  ],
  ['a provisional status', { status: 103, headers: [], body: '' }],
  ['nothing', undefined],
];
for (const [what, answer] of unsendable)
  test(`http/2 – an answer with ${what} becomes an empty 500, and the session goes on`, async (t) => {
    const { port } = await serve(t, async () => answer as HttpAnswer);
    const session = http2Client(t, `http://127.0.0.1:${port}`);
    for (let round = 0; round < 2; round++) {
      const { status, body, headers: received } = await ask(session, { ':path': '/' });
      t.deepEqual({ status, body }, { status: 500, body: '' });
      t.deepEqual(Object.keys(received), [':status', 'date']);
    }
  });

test('http/2 – an answer that is thrown or rejected becomes an empty 500', async (t) => {
  const thrown = await serve(t, () => {
    throw new Error('secret');
  });
  const rejected = await serve(t, () => Promise.reject(new Error('secret')));
  for (const { port } of [thrown, rejected])
    t.like(await ask(http2Client(t, `http://127.0.0.1:${port}`), { ':path': '/' }), {
      status: 500,
      body: '',
    });
});

test('http/2 – a head that is too large, or has too many lines, is answered 431', async (t) => {
  const { port, asked } = await serve(t);
  const session = http2Client(t, `http://127.0.0.1:${port}`, { maxSendHeaderBlockLength: 200_000 });
  const lines = (count: number, value: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, value]));
  t.is((await ask(session, { ':path': '/', ...lines(300, 'y') })).status, 431);
  t.is((await ask(session, { ':path': '/', ...lines(100, 'y'.repeat(1_000)) })).status, 431);
  t.is(asked.length, 0);
  t.is((await ask(session, { ':path': '/', ...lines(200, 'y'.repeat(250)) })).status, 200);
  t.is(Object.keys(asked[0]?.headers ?? {}).length, 200);
});

test('http/2 – invalid frames end their session, and no other', async (t) => {
  const { port, asked } = await serve(t);
  for (const bytes of [
    Buffer.from('garbage that is long enough to be a frame'),
    frame(1, 5, 1, Buffer.alloc(20, 0xff)),
    frame(0, 0, 1, Buffer.from('data of no stream')),
    frame(4, 0, 0, Buffer.alloc(5)),
    get(2),
  ]) {
    const client = new RawClient(t, port).say(Buffer.concat([preface, settings, bytes]));
    await client.end();
  }
  t.is(asked.length, 0);
  t.is((await ask(http2Client(t, `http://127.0.0.1:${port}`), { ':path': '/' })).status, 200);
});

test('http/2 – an invalid HTTP/2 request causes no check', async (t) => {
  const { port, asked } = await serve(t);
  for (const bytes of [
    headers(1, [[':method', 'GET']]),
    headers(1, pseudo),
    headers(1, [...request, [':path', '/again']]),
    headers(1, [...request, ['Upper', 'case']]),
    headers(1, [...request, ['connection', 'close']]),
    headers(1, [...request, ['transfer-encoding', 'chunked']]),
    headers(1, [...request, ['te', 'gzip']]),
    headers(1, [...request, [':protocol', 'websocket']]),
    headers(1, [['x', 'before'], ...request]),
  ]) {
    const client = new RawClient(t, port).say(Buffer.concat([preface, settings, bytes]));
    const refused = reset(1).subarray(0, 9).toString('latin1');
    await waitFor('the reset', patience, () => client.received.includes(refused));
    client.socket.destroy();
  }
  t.is(asked.length, 0);
});

test('http/2 – a few hundred cancelled checks are ordinary, and the session goes on', async (t) => {
  const { port, asked, release } = await serveLate(t);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const streams = Array.from({ length: 400 }, (_, n) => session.request({ ':path': `/${n}` }));
  for (const stream of streams) stream.on('error', () => {});
  await waitFor('the checks', patience, () => asked.length === 400);
  for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
  release();
  t.is((await ask(session, { ':path': '/' })).status, 200);
});

test('http/2 – more streams at once than a proxy is told are refused', async (t) => {
  const { port, asked, release } = await serveLate(t);
  const client = new RawClient(t, port).say(Buffer.concat([preface, settings]));
  const frames = Array.from({ length: 3_900 }, (_, n) => get(2 * n + 1));
  client.say(Buffer.concat(frames));
  await waitFor('the checks', patience, () => asked.length === 3_850);
  release();
  await client.hears(/GET \/1\D/s);
  t.is(asked.length, 3_850);
});

test('http/2 – a client that never reads is not read any more, and cut off', async (t) => {
  const { port, asked } = await serve(
    t,
    async () => ({ status: 200, headers: [['x-fill', randomBytes(5_000).toString('hex')]], body: '' }),
    { stall: 1_000 },
  );
  const client = new RawClient(t, port);
  client.socket.pause();
  client.say(Buffer.concat([preface, settings]));
  let sent = 0;
  for (; sent < 20_000 && asked.length >= sent - 500; sent += 50) {
    client.say(Buffer.concat(Array.from({ length: 50 }, (_, n) => get(2 * (sent + n) + 1))));
    await sleep(5);
  }
  t.true(asked.length < 6_000, `${asked.length} checks`);
  await waitFor('the end of it', patience, async () => {
    client.say(frame(6, 0, 0, Buffer.alloc(8)));
    await sleep(50);
    return client.socket.destroyed;
  });
  t.is((await ask(http2Client(t, `http://127.0.0.1:${port}`), { ':path': '/' })).status, 200);
});

test('http/2 – a client that resets its connection, at any point, leaves nothing behind', async (t) => {
  const { port, asked, release } = await serveLate(t);
  for (const bytes of [preface, settings, get(1), get(1).subarray(0, 12)]) {
    const client = new RawClient(t, port).say(Buffer.concat([preface, settings, bytes]));
    await client.hears(/^.../s).catch(() => '');
    client.socket.resetAndDestroy();
  }
  t.true(asked.length <= 1);
  release();
  t.is((await ask(http2Client(t, `http://127.0.0.1:${port}`), { ':path': '/' })).status, 200);
});
