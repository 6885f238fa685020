import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { waitFor } from '../support/wait.ts';
import { get, headers, preface, settings } from './server-frames.ts';
import { ask, http2Client, patience, RawClient, serve } from './server-world.ts';

/** What is asked when these lines are sent, as they are. */
async function checkOf(t: ExecutionContext, lines: readonly (readonly [string, string])[]) {
  const { port, asked } = await serve(t);
  new RawClient(t, port).say(Buffer.concat([preface, settings, headers(1, lines)]));
  return waitFor('the check', patience, () => asked[0]);
}

const pseudo = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/x'],
] as const;
const request = [...pseudo, [':authority', 'a']] as const;

test('http/2 – a request is handed over as it came, without pseudo headers', async (t) => {
  const check = await checkOf(t, [
    [':method', 'PROPFIND'],
    [':scheme', 'http'],
    [':path', '/a/../%2e//b?c=%zz'],
    [':authority', 'App.Example:8080'],
    ['x-one', 'two'],
  ]);
  t.deepEqual(
    { ...check, headers: { ...check.headers } },
    {
      method: 'PROPFIND',
      target: '/a/../%2e//b?c=%zz',
      host: 'App.Example:8080',
      headers: { 'x-one': 'two' },
      repeated: new Set(),
      remoteAddress: '127.0.0.1',
    },
  );
});

for (const name of ['authorization', 'x-forwarded-client-cert', 'content-type', 'x-any'])
  test(`http/2 – two ${name} headers are joined, and none of them is forgotten`, async (t) => {
    const check = await checkOf(t, [...request, [name, 'one'], ['x-between', 'x'], [name, 'two']]);
    t.is(check.headers[name], 'one,two');
    t.true(check.repeated.has(name));
  });

test('http/2 – the crumbs of a cookie are one cookie again (RFC 9113 §8.2.3)', async (t) => {
  t.is((await checkOf(t, [...request, ['cookie', 'a=1'], ['cookie', 'b=2']])).headers.cookie, 'a=1; b=2');
});

for (const [authority, host, expected] of [
  ['a', undefined, 'a'],
  [undefined, 'b', 'b'],
  ['a', 'a', 'a'],
  ['a', 'b', 'a,b'],
] as const)
  test(`http/2 – :authority ${authority} and host ${host} are ${expected}`, async (t) => {
    const check = await checkOf(t, [
      ...pseudo,
      ...(authority ? ([[':authority', authority]] as const) : []),
      ...(host ? ([['host', host]] as const) : []),
    ]);
    t.is(check.host, expected);
  });

test('http/2 – names of Object.prototype are headers like any other, and a byte is a character', async (t) => {
  const check = await checkOf(t, [...request, ['__proto__', 'b'], ['constructor', 'c\xc3\xa9\xff']]);
  t.is(Object.getPrototypeOf(check.headers), null);
  t.deepEqual(Object.entries(check.headers), [
    ['__proto__', 'b'],
    ['constructor', 'c\xc3\xa9\xff'],
  ]);
});

test('http/2 – spaces around a value are removed, and the header is kept', async (t) => {
  const check = await checkOf(t, [...request, ['x-a', ' a b\t'], ['x-b', '   '], ['x-c', '\xa0c\xa0']]);
  t.deepEqual({ ...check.headers }, { 'x-a': 'a b', 'x-b': '', 'x-c': '\xa0c\xa0' });
});

// A limit of nghttp2 as Node uses it, which refuses no such request. That it shows nothing of them is what counts.
test('http/2 – invalid headers are dropped', async (t) => {
  const flawed = ['a\r\nx-b: c', 'a\0', '\x7f', '\x01'].map((value) => ['x-a', value] as const);
  const check = await checkOf(t, [...request, ...flawed, ['x y', 'z'], ['', 'z'], ['host', 'b c']]);
  t.deepEqual({ ...check.headers }, {});
  t.is(check.host, 'a');
});

test('http/2 – the preface may come in pieces, and together with a request', async (t) => {
  const { port, asked } = await serve(t);
  const all = Buffer.concat([preface, settings, get(1)]);
  for (const size of [1, 3, 24, all.length]) {
    asked.length = 0;
    const client = new RawClient(t, port);
    for (let at = 0; at < all.length; at += size) {
      client.say(all.subarray(at, at + size));
      if (at < 2 * preface.length) await sleep(1);
    }
    await waitFor('the check', patience, () => asked.length === 1);
    await client.hears(/GET \/1$/);
    t.is(asked[0]?.target, '/1');
  }
});

test('http/2 – many requests at once are answered as they are decided', async (t) => {
  const slow = Promise.withResolvers<void>();
  const { port } = await serve(t, async ({ target }) => {
    if (target === '/0') await slow.promise;
    return { status: 200, headers: [], body: target };
  });
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const answers = Array.from({ length: 100 }, (_, n) => ask(session, { ':path': `/${n}` }));
  t.is((await Promise.all(answers.slice(1))).map(({ body }) => body).at(-1), '/99');
  slow.resolve();
  t.is((await answers[0])?.body, '/0');
});

test('http/2 – headers of an answer may be there twice, in whatever case', async (t) => {
  const given = ['Set-Cookie', 'set-cookie', 'X-Any', 'x-any'].map((name, n) => [name, `v${n}`] as const);
  const { port } = await serve(t, async () => ({ status: 403, headers: given, body: 'nö' }));
  const answer = await ask(http2Client(t, `http://127.0.0.1:${port}`), { ':path': '/' });
  t.is(answer.status, 403);
  t.is(answer.body, 'nö');
  t.deepEqual(answer.headers['set-cookie'], ['v0', 'v1']);
  t.is(answer.headers['x-any'], 'v2, v3');
});

test('http/2 – HEAD, 204 and 304 have no body', async (t) => {
  const { port } = await serve(t, async ({ target }) => ({
    status: Number(target.slice(1)),
    headers: [],
    body: 'not sent',
  }));
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  t.like(await ask(session, { ':path': '/200', ':method': 'HEAD' }), { status: 200, body: '' });
  for (const status of [204, 205, 304])
    t.like(await ask(session, { ':path': `/${status}` }), { status, body: '' });
  t.like(await ask(session, { ':path': '/200' }), { status: 200, body: 'not sent' });
});

test('http/2 – CONNECT is 403 without a check, and the session continues', async (t) => {
  const { port, asked } = await serve(t);
  const session = http2Client(t, `http://127.0.0.1:${port}`);
  const tunnel = session.request({ ':method': 'CONNECT', ':authority': 'other.example:443' });
  tunnel.on('error', () => {});
  const status = await new Promise((resolve) =>
    tunnel.on('response', (received) => resolve(received[':status'])),
  );
  t.is(status, 403);
  await waitFor('the end of the stream', patience, () => tunnel.closed);
  t.is(asked.length, 0);
  t.is((await ask(session, { ':path': '/' })).status, 200);
});
