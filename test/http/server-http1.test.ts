import { Agent, request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import type { HttpAnswer } from '../../src/http/transport/server.ts';
import { waitFor } from '../support/wait.ts';
import { RawClient, serve, serveLate, status } from './server-world.ts';

const get = 'GET /a?b=c HTTP/1.1\r\nHost: app.example\r\n\r\n';

/** Without bodies. */
const twoAnswers = /^HTTP(?:.+\r\n)+\r\nHTTP(?:.+\r\n)+\r\n$/;

/** One request and its answer over a connection of its own, both as they are. */
async function exchange(t: ExecutionContext, text: string, answer?: HttpAnswer) {
  const world = await serve(t, answer && (async () => answer));
  const client = new RawClient(t, world.port).say(text);
  await client.hears(/\r\n\r\n/);
  return { received: client.received, check: world.asked[0] };
}

test('http/1 – a request is handed over as it came', async (t) => {
  const { received, check } = await exchange(
    t,
    'POST /a/../%2e//b?c=%zz#d HTTP/1.1\r\nHost: App.Example:8080\r\nX-One:  two words \r\ncontent-length: 0\r\n\r\n',
  );
  t.deepEqual(
    { ...check, headers: { ...check?.headers } },
    {
      method: 'POST',
      target: '/a/../%2e//b?c=%zz#d',
      host: 'App.Example:8080',
      headers: { host: 'App.Example:8080', 'x-one': 'two words', 'content-length': '0' },
      repeated: new Set(),
      remoteAddress: '127.0.0.1',
    },
  );
  t.is(status(received), 200);
  t.regex(received, /\r\nx-answered: yes\r\n/);
  t.true(received.endsWith('\r\n\r\nPOST /a/../%2e//b?c=%zz#d'));
});

for (const name of ['Authorization', 'Host', 'X-Forwarded-Client-Cert', 'Cookie', 'Content-Type', 'X-Any'])
  test(`http/1 – two ${name} headers are joined, and none of them is forgotten`, async (t) => {
    const host = name === 'Host' ? '' : 'Host: a\r\n';
    const { check } = await exchange(
      t,
      `GET / HTTP/1.1\r\n${host}${name}: one\r\nX-Between: x\r\n${name.toUpperCase()}: two\r\n\r\n`,
    );
    t.is(check?.headers[name.toLowerCase()], 'one,two');
    t.is(check?.host, name === 'Host' ? 'one,two' : 'a');
  });

test('http/1 – names of Object.prototype are headers like any other', async (t) => {
  const { check } = await exchange(t, `GET / HTTP/1.1\r\nHost: a\r\n__proto__: b\r\nconstructor: c\r\n\r\n`);
  t.is(Object.getPrototypeOf(check?.headers), null);
  t.deepEqual(Object.entries(check?.headers ?? {}), [
    ['host', 'a'],
    ['__proto__', 'b'],
    ['constructor', 'c'],
  ]);
});

test('http/1 – a byte of a header is a character', async (t) => {
  const { check } = await exchange(t, `GET / HTTP/1.1\r\nHost: a\r\nx-bytes: \xc3\xa9\xff\r\n\r\n`);
  t.is(check?.headers['x-bytes'], '\xc3\xa9\xff');
});

for (const method of [
  'GET',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'PROPFIND',
  'PURGE',
  'QUERY',
  'SEARCH',
])
  test(`http/1 – ${method} is asked like any other method`, async (t) => {
    const { received, check } = await exchange(t, `${method} /x HTTP/1.1\r\nHost: a\r\n\r\n`);
    t.is(check?.method, method);
    t.true(received.endsWith(`\r\n\r\n${method} /x`));
  });

for (const target of ['*', 'http://other.example/x', '//x', '/%00', `/${'long'.repeat(10_000)}`])
  test(`http/1 – the target ${target.slice(0, 30)} is handed over raw`, async (t) => {
    const { check } = await exchange(t, `OPTIONS ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    t.is(check?.target, target);
  });

test('http/1 – a HEAD has the length of the body and no body', async (t) => {
  const { received } = await exchange(t, 'HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n');
  t.regex(received, /\r\ncontent-length: 7\r\n(?:.+\r\n)*\r\n$/);
});

for (const bodiless of [204, 304])
  test(`http/1 – a ${bodiless} has neither body nor length, and the connection goes on`, async (t) => {
    const { port } = await serve(t, async () => ({ status: bodiless, headers: [], body: 'not sent' }));
    const client = new RawClient(t, port).say(get + get);
    const received = await client.hears(twoAnswers);
    t.notRegex(received, /not sent|content-length|transfer-encoding/i);
  });

test('http/1 – headers of an answer may be there twice, and its length is in bytes', async (t) => {
  const { received } = await exchange(t, get, {
    status: 401,
    headers: [
      ['WWW-Authenticate', 'Bearer'],
      ['www-authenticate', 'Basic'],
    ],
    body: 'nö',
  });
  t.is(status(received), 401);
  t.regex(received, /WWW-Authenticate: Bearer\r\nwww-authenticate: Basic\r\ncontent-length: 3\r\n/);
});

test('http/1 – a connection is kept and used again', async (t) => {
  const { port, asked } = await serve(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const reused: boolean[] = [];
  for (let round = 0; round < 5; round++)
    await new Promise<void>((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, path: `/${round}` }, (response) => {
        reused.push(outgoing.reusedSocket);
        response.resume().on('end', resolve);
      });
      outgoing.on('error', reject).end();
    });
  t.deepEqual(reused, [false, true, true, true, true]);
  t.deepEqual(
    asked.map(({ target }) => target),
    ['/0', '/1', '/2', '/3', '/4'],
  );
});

test('http/1 – pipelined requests are answered in their order, whichever is decided first', async (t) => {
  const first = Promise.withResolvers<void>();
  const { port, asked } = await serve(t, async ({ target }) => {
    if (target === '/1') await first.promise;
    return { status: 200, headers: [], body: `<${target}>` };
  });
  const client = new RawClient(t, port).say(
    [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
  );
  await waitFor('three checks', 5_000, () => asked.length === 3);
  t.is(client.received, '');
  first.resolve();
  const received = await client.hears(/<\/3>/);
  t.deepEqual(received.match(/<.*?>/g), ['</1>', '</2>', '</3>']);
});

test('http/1 – too many pipelined requests end the connection, and only a limited number is checked', async (t) => {
  const { port, asked } = await serveLate(t);
  await new RawClient(t, port).say(get.repeat(5_000)).end();
  t.is(asked.length, 100);
});

test('http/1.0 – is answered and closed', async (t) => {
  const { port, asked } = await serve(t);
  const received = await new RawClient(t, port).say('GET /old HTTP/1.0\r\n\r\n').end();
  t.true(received.endsWith('\r\n\r\nGET /old'));
  t.is(asked[0]?.host, '');
});

for (const [protocol, more] of [
  ['websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'],
  ['h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__\r\n'],
])
  test(`http/1 – an Upgrade to ${protocol} is answered like any request, and nothing is read behind it`, async (t) => {
    const { port, asked } = await serve(t);
    const upgrade = `POST /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\n${more}`;
    for (const rest of ['\r\n', 'Content-Length: 5\r\n\r\nhello']) {
      const client = new RawClient(t, port).say(upgrade + rest + get);
      const received = await client.say(get).end();
      t.deepEqual(received.match(/^HTTP\S* \d+/gm), ['HTTP/1.1 200']);
      t.true(received.endsWith('POST /up'));
      t.is(asked.pop()?.headers.upgrade, protocol);
      t.is(asked.length, 0);
    }
  });

for (const expectation of ['100-continue', 'something-else'])
  test(`http/1 – Expect: ${expectation} gets the answer and no 100`, async (t) => {
    const { port } = await serve(t);
    const client = new RawClient(t, port).say(
      `POST /x HTTP/1.1\r\nHost: a\r\nExpect: ${expectation}\r\nContent-Length: 1000000\r\n\r\n`,
    );
    const received = await client.end();
    t.is(status(received), 200);
    t.is(received.match(/HTTP\/1\.1/g)?.length, 1);
    t.true(received.endsWith('POST /x'));
  });

test('http/1 – CONNECT is 403 without a check, and the connection ends', async (t) => {
  const { port, asked } = await serve(t);
  const received = await new RawClient(t, port)
    .say(`CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n${get}`)
    .end();
  t.is(status(received), 403);
  t.notRegex(received, / 200 /);
  t.is(asked.length, 0);
});

test('http/1 – CONNECT behind a request without its answer never gets that answer', async (t) => {
  const { port, asked, release } = await serveLate(t);
  const client = new RawClient(t, port).say(`${get}CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n`);
  await waitFor('the first check', 5_000, () => asked.length === 1);
  release();
  t.is(await client.end(), '');
});

test('http/1 – 60 KB of headers in 200 lines are served whole', async (t) => {
  const lines = Array.from({ length: 200 }, (_, n) => `X-${n}: ${'y'.repeat(290)}\r\n`).join('');
  const { check } = await exchange(t, `GET / HTTP/1.1\r\nHost: a\r\n${lines}Authorization: last\r\n\r\n`);
  t.is(Object.keys(check?.headers ?? {}).length, 202);
  t.is(check?.headers.authorization, 'last');
});
