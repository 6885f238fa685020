import { connect as connectHttp2 } from 'node:http2';
import test, { type ExecutionContext } from 'ava';
import type { HttpCheck } from '../../src/http/transport/server.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { waitFor } from '../support/wait.ts';
import { ask, http2Client, RawClient, serve, status } from './server-world.ts';

/** A server that answers with the length of the body, and with why there is none. */
const reading = async (check: HttpCheck) => {
  const body = await check.readBody?.();
  const said =
    body === undefined ? 'none' : body instanceof Malformed ? body.why : `${body.length} ${body.slice(0, 5)}`;
  return { status: 200, headers: [], body: said };
};
const serveReading = (t: ExecutionContext) => serve(t, reading, { grace: 100 });
const head = (framing: string, method = 'POST'): string =>
  `${method} /x HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`;
const get = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';

for (const [what, framing, sent, said] of [
  ['with a length', 'Content-Length: 5', 'hello', '5 hello'],
  ['in chunks', 'Transfer-Encoding: chunked', '2\r\nhe\r\n3\r\nllo\r\n0\r\nTrailer: x\r\n\r\n', '5 hello'],
  ['of a GET', 'Content-Length: 5', 'hello', '5 hello'],
  ['of nothing', 'Content-Length: 0', '', 'none'],
  ['of no chunks', 'Transfer-Encoding: chunked', '0\r\n\r\n', '0 '],
] as const)
  test(`read body – one ${what}, and the connection goes on`, async (t) => {
    const { port } = await serveReading(t);
    const method = what.endsWith('GET') ? 'GET' : 'POST';
    const client = new RawClient(t, port).say(head(framing, method) + sent + get);
    const received = await client.hears(/none$/);
    t.true(received.includes(`\r\n\r\n${said}`), received);
    t.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
  });

test('read body – what follows a body that says it is shorter is no part of it', async (t) => {
  const { port, asked } = await serveReading(t);
  const client = new RawClient(t, port).say(`${head('Content-Length: 2')}hello`);
  t.is(status(await client.end()), 400);
  t.is(asked.length, 1);
});

test('read body – one that is cut off by its sender is none', async (t) => {
  const bodies: (string | Malformed | undefined)[] = [];
  const { port, asked } = await serve(t, async (check) => {
    bodies.push(await check.readBody?.());
    return { status: 200, headers: [], body: '' };
  });
  const client = new RawClient(t, port).say(`${head('Content-Length: 10')}hello`);
  await waitFor('the check', 5_000, () => asked.length === 1);
  client.socket.destroy();
  await waitFor('the end', 5_000, () => bodies.length === 1);
  t.true(bodies[0] instanceof Malformed);
});

test('read body – one longer than the limit is told by one byte more, and the connection ends', async (t) => {
  const { port } = await serveReading(t);
  for (const [framing, sent] of [
    ['Content-Length: 65536', 'x'.repeat(65_536)],
    ['Content-Length: 70000', 'x'.repeat(70_000)],
    ['Transfer-Encoding: chunked', `11170\r\n${'x'.repeat(70_000)}\r\n0\r\n\r\n`],
  ] as const) {
    const client = new RawClient(t, port).say(head(framing) + sent);
    const received = await client.hears(/xxxxx$/);
    t.is(status(received), 200);
    t.regex(received, framing.endsWith('65536') ? /65536 x/ : /65537 x/);
  }
});

test('read body – a length that is longer than the body: the answer does not wait for ever', async (t) => {
  const { port } = await serveReading(t);
  const client = new RawClient(t, port).say(`${head('Content-Length: 10')}hello`);
  t.regex(await client.hears(/ms$/), /not complete after 5000 ms$/);
});

const request = (t: ExecutionContext, port: number, method = 'POST') => {
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  return { session, send: (body?: Buffer) => ask(session, { ':method': method, ':path': '/x' }, body) };
};

test('read body, http/2 – whole, of a GET, at the limit, and longer', async (t) => {
  const { port } = await serveReading(t);
  for (const method of ['POST', 'GET']) {
    const { send } = request(t, port, method);
    t.like(await send(Buffer.from('hello')), { status: 200, body: '5 hello' });
    t.like(await send(Buffer.alloc(65_536, 'x')), { body: '65536 xxxxx' });
    t.like(await send(Buffer.alloc(1_000_000, 'x')), { body: '65537 xxxxx' });
    t.like(await send(), { body: 'none' });
  }
});

test('read body, http/2 – a stream whose body is too long is closed with its answer', async (t) => {
  const { port } = await serveReading(t);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.teardown(() => session.destroy());
  session.on('error', () => {});
  const stream = session.request({ ':method': 'POST', ':path': '/x' });
  stream.on('error', () => {});
  stream.resume();
  // More than a window, and no end.
  stream.write(Buffer.alloc(200_000, 'x'));
  await waitFor('the end of the stream', 5_000, () => stream.closed);
  t.pass();
});

test('read body, http/2 – one whose sender goes away is none', async (t) => {
  const bodies: (string | Malformed | undefined)[] = [];
  const { port, asked } = await serve(t, async (check) => {
    bodies.push(await check.readBody?.());
    return { status: 200, headers: [], body: '' };
  });
  const { session } = request(t, port);
  const stream = session.request({ ':method': 'POST', ':path': '/x' });
  stream.on('error', () => {});
  stream.write('hello');
  await waitFor('the check', 5_000, () => asked.length === 1);
  session.socket.destroy();
  await waitFor('the end', 5_000, () => bodies.length === 1);
  t.true(bodies[0] instanceof Malformed, String(bodies[0]));
});
