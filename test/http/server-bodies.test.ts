import { request } from 'node:http';
import test from 'ava';
import { waitFor } from '../support/wait.ts';
import { ask, http2Client, RawClient, serve, serveLate, status } from './server-world.ts';

const head = (framing: string): string => `POST /x HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`;
const get = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const megabyte = 'x'.repeat(1_000_000);

test('body – the answer does not wait for it', async (t) => {
  const { port } = await serve(t);
  for (const framing of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
    const received = await new RawClient(t, port).say(head(framing)).hears(/POST \/x$/);
    t.is(status(received), 200);
  }
});

for (const [what, framing, body] of [
  ['of 60 KB', 'Content-Length: 60000', 'x'.repeat(60_000)],
  ['in chunks', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n'],
  ['of nothing', 'Content-Length: 0', ''],
] as const)
  test(`body – one ${what} is read, and the connection goes on`, async (t) => {
    const { port, asked } = await serve(t);
    const client = new RawClient(t, port).say(head(framing) + body + get);
    const received = await client.hears(/GET \/next$/);
    t.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
    t.is(asked[1]?.headers.trailer, undefined);
  });

test('body – one that comes soon after its answer does not end the connection', async (t) => {
  const { port } = await serve(t, undefined, { grace: 10_000 });
  const client = new RawClient(t, port).say(head('Content-Length: 5'));
  await client.hears(/POST \/x$/);
  const received = await client.say(`hello${get}`).hears(/GET \/next$/);
  t.notRegex(received, /connection: close/i);
});

for (const [what, framing] of [
  ['a length', 'Content-Length: 10'],
  ['chunks', 'Transfer-Encoding: chunked'],
])
  test(`body – one with ${what} that never comes ends the connection soon after the answer`, async (t) => {
    const { port } = await serve(t, undefined, { grace: 100, request: 60_000 });
    const received = await new RawClient(t, port).say(head(framing ?? '')).end();
    t.regex(received, /^HTTP\/1\.1 200 (?:.+\r\n)+\r\nPOST \/x$/);
  });

test('body – one without end is read no further than its connection is worth, and the answer arrives', async (t) => {
  const { port, asked, release } = await serveLate(t, { grace: 300 });
  for (const framing of ['Transfer-Encoding: chunked', 'Content-Length: 1000000000']) {
    asked.length = 0;
    const client = new RawClient(t, port).say(head(framing));
    await waitFor('the check', 5_000, () => asked.length === 1);
    const chunk = framing.startsWith('T') ? `f4240\r\n${megabyte}\r\n` : megabyte;
    for (let n = 0; n < 20; n++) client.say(chunk);
    release();
    await client.hears(/^HTTP\/1\.1 200 (?:.+\r\n)+\r\nPOST \/x$/);
    // The kernel's buffers take some megabytes; the rest never left.
    t.true(client.socket.writableLength > 5_000_000, String(client.socket.writableLength));
    await client.end();
  }
});

test('body – one announced too long, but all there, is answered and closed', async (t) => {
  const { port } = await serve(t, undefined, { grace: 100 });
  for (const size of [65_537, 100_000, 130_000]) {
    const client = new RawClient(t, port).say(head(`Content-Length: ${size}`) + 'x'.repeat(size));
    t.regex(await client.end(), /^HTTP\/1\.1 200 (?:.+\r\n)*connection: close\r\n(?:.+\r\n)*\r\nPOST \/x$/);
  }
});

test('body – one of 1 MB from an ordinary client: the small answer is read', async (t) => {
  const { port } = await serve(t);
  const { promise, resolve } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  const outgoing = request({ host: '127.0.0.1', port, method: 'POST', agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('end', () => resolve({ status: response.statusCode, body }));
  });
  t.teardown(() => outgoing.destroy());
  outgoing.on('error', () => {});
  outgoing.end(megabyte);
  t.deepEqual(await promise, { status: 200, body: 'POST /' });
});

test('body – a malformed chunk is 400, ends the connection, and nothing after it is read', async (t) => {
  const { port, asked } = await serve(t);
  const client = new RawClient(t, port).say(`${head('Transfer-Encoding: chunked')}zz\r\n${get}`);
  t.is(status(await client.end()), 400);
  t.true(asked.length <= 1);
});

test('http/2 body – the answer does not wait for it, and the session goes on', async (t) => {
  const { port } = await serve(t);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const unfinished = session.request({ ':method': 'POST', ':path': '/x' }, { endStream: false });
  unfinished.on('error', () => {});
  const answered = new Promise<number>((resolve) =>
    unfinished.on('response', (headers) => resolve(Number(headers[':status']))),
  );
  t.is(await answered, 200);
  await waitFor('the end of the stream', 5_000, () => unfinished.closed);
  t.like(await ask(session, { ':path': '/next' }), { status: 200, body: 'GET /next' });
});

test('http/2 body – more of it than a window waits with the client, and the answer arrives', async (t) => {
  const { port, asked, release } = await serveLate(t);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const answers = Array.from({ length: 8 }, (_, n) =>
    ask(session, { ':method': 'POST', ':path': `/${n}` }, Buffer.from(megabyte)),
  );
  await waitFor('the checks', 5_000, () => asked.length === 8);
  release();
  for (const [n, answer] of (await Promise.all(answers)).entries())
    t.like(answer, { status: 200, body: `POST /${n}` });
  t.is((await ask(session, { ':path': '/next' })).status, 200);
});
