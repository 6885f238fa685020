import test from 'ava';
import type { HttpAnswer } from '../../src/http/transport/server.ts';
import { waitFor } from '../support/wait.ts';
import { RawClient, serve, serveLate, status } from './server-world.ts';

const get = 'GET /a?b=c HTTP/1.1\r\nHost: app.example\r\n\r\n';
/** Without bodies. */
const twoAnswers = /^HTTP(?:.+\r\n)+\r\nHTTP(?:.+\r\n)+\r\n$/;

const flaws: [string, string, number][] = [
  ['no HTTP at all', 'garbage\r\n\r\n', 400],
  ['binary', '\x00\x01\x02\xff\xfe\r\n\r\n', 400],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['an unknown method', 'FROB / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['the preface of HTTP/2 with another version', 'PRI * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n', 400],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n', 400],
  ['a bare newline', 'GET / HTTP/1.1\nHost: a\nX: b\n\n', 400],
  ['NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n', 400],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  [
    'length and chunks',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!', 400],
  ['a length that is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello', 400],
  [
    'chunks that are not the last coding',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n',
    400,
  ],
  ['a head of 70 KB', `GET / HTTP/1.1\r\nHost: a\r\n${`X: ${'y'.repeat(1_000)}\r\n`.repeat(70)}\r\n`, 431],
  ['a target of 70 KB', `GET /${'y'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ['300 headers', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(300)}\r\n`, 431],
  ['15000 headers', `GET / HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(15_000)}\r\n`, 431],
];
for (const [what, text, expected] of flaws)
  test(`http/1 – ${what}: ${expected}, closed, without a check`, async (t) => {
    const { port, asked } = await serve(t);
    const received = await new RawClient(t, port).say(text + get).end();
    t.is(status(received), expected);
    t.is(received.match(/^HTTP/gm)?.length, 1);
    t.is(asked.length, 0);
  });

const unsendable: [string, unknown][] = [
  ['a newline in a header', { status: 200, headers: [['x-a', 'b\r\nx-forged: c']], body: 'yes' }],
  ['a character that is no byte', { status: 200, headers: [['x-a', '\u{1f600}']], body: 'yes' }],
  ['a header name with a space', { status: 200, headers: [['x a', 'b']], body: 'yes' }],
  ['a length of its own', { status: 200, headers: [['Content-Length', '1']], body: 'yes' }],
  ['a transfer coding', { status: 200, headers: [['transfer-encoding', 'chunked']], body: 'yes' }],
  ['a status that is only provisional', { status: 101, headers: [], body: '' }],
  ['a status that is none', { status: Number.NaN, headers: [], body: '' }],
  ['no headers', { status: 200, body: 'yes' }],
  ['nothing', undefined],
];
for (const [what, answer] of unsendable)
  test(`http/1 – an answer with ${what} becomes an empty 500, and the connection goes on`, async (t) => {
    const { port } = await serve(t, async () => answer as HttpAnswer);
    const client = new RawClient(t, port).say(get + get);
    const received = await client.hears(twoAnswers);
    t.is(received.match(/^HTTP\/1\.1 500 Internal Server Error\r$/gm)?.length, 2);
    t.notRegex(received, /x-a|forged|yes/);
  });

test('http/1 – an answer that is thrown or rejected becomes an empty 500', async (t) => {
  const thrown = await serve(t, () => {
    throw new Error('secret');
  });
  const rejected = await serve(t, () => Promise.reject(new Error('secret')));
  for (const { port } of [thrown, rejected]) {
    const received = await new RawClient(t, port).say(get).hears(/\r\n\r\n$/);
    t.is(status(received), 500);
    t.notRegex(received, /secret/);
  }
});

test('http/1 – a client that resets its connection, at any point, leaves nothing behind', async (t) => {
  const { port, asked, release } = await serveLate(t);
  for (const text of [
    '',
    'P',
    'PRI * HT',
    'GET',
    get,
    get + get,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe',
  ]) {
    const client = new RawClient(t, port).say(text);
    const before = asked.length;
    if (text.endsWith('\r\n\r\n') || text.endsWith('he'))
      await waitFor('the check', 5_000, () => asked.length > before);
    client.socket.resetAndDestroy();
  }
  release();
  t.is(status(await new RawClient(t, port).say(get).hears(/c$/)), 200);
});

test('http/1 – a client that half-closes before its answer is let go', async (t) => {
  const { port, asked, release } = await serveLate(t);
  const client = new RawClient(t, port).say(get);
  client.socket.end();
  await waitFor('the check', 5_000, () => asked.length === 1);
  release();
  await client.end();
  t.pass();
});
