import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { HttpClient, readRetryAfter, sendRequest, urlForLog } from '../../src/sources/http-client.ts';
import { createCa } from '../support/ca.ts';
import { type Behaviour, startJwksServer } from '../support/jwks-server.ts';
import { listen } from '../support/listening.ts';

const secret = 'c2VjcmV0LXRva2Vu';
const limits = { timeout: 10_000, maxBytes: 1_000 };
const hurried = { ...limits, timeout: 300 };
const request = { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: `token=${secret}` };

async function place(t: ExecutionContext, behaviour: Behaviour): Promise<URL> {
  const server = await startJwksServer();
  t.teardown(() => server.stop());
  server.behave('/ask?q=query', behaviour);
  return new URL(`http://user:password@127.0.0.1:${server.port}/ask?q=query`);
}

const answers: [string, Behaviour, number, string][] = [
  ['200', { kind: 'body', body: 'yes' }, 200, 'yes'],
  ['401 with its body', { kind: 'status', status: 401, body: 'no' }, 401, 'no'],
  ['500', { kind: 'status', status: 500 }, 500, ''],
  ['a redirect, which is not followed', { kind: 'redirect', location: 'http://169.254.169.254/' }, 302, ''],
];
for (const [title, behaviour, status, body] of answers)
  test(`HTTP client – every status is an answer: ${title}`, async (t) => {
    t.like(await sendRequest(await place(t, behaviour), request, limits), { status, body });
  });

test('HTTP client – what failed has failed, however long its page is', async (t) => {
  const url = await place(t, { kind: 'status', status: 503, body: 'x'.repeat(2_000) });
  t.like(await sendRequest(url, request, limits), { status: 503, body: '' });
});

const failures: [string, Behaviour, RegExp][] = [
  ['silence', { kind: 'hang' }, /no answer within 300 ms$/],
  ['50 MB', { kind: 'huge', bytes: 50_000_000 }, /more than 1000 bytes$/],
  ['a cut connection', { kind: 'reset' }, /socket hang up|ECONNRESET/],
  [
    'a body that ends early',
    { kind: 'status', status: 200, body: 'x', headers: { 'content-length': '9' } },
    /./,
  ],
];
for (const [title, behaviour, message] of failures)
  test(`HTTP client – ${title} is a failure that names the place and no secret`, async (t) => {
    const url = await place(t, behaviour);
    const error = await t.throwsAsync(
      sendRequest(url, request, behaviour.kind === 'hang' ? hurried : limits),
      {
        message,
      },
    );
    t.true(error?.message.startsWith(`http://${url.host}/ask: `));
    for (const hidden of [secret, 'password', 'query', 'Bearer'])
      t.false([error?.message, error?.stack, String(error?.cause)].join().includes(hidden), hidden);
  });

test('HTTP client – the time is for all of it: a slow drip is cut', async (t) => {
  const server = await startJwksServer();
  t.teardown(() => server.stop());
  server.behave(server.paths.jwks, { kind: 'drip', everyMs: 100 });
  await t.throwsAsync(sendRequest(new URL(server.jwksUri), {}, hurried), {
    message: /no answer within 300 ms$/,
  });
});

test('HTTP client – a body that is not UTF-8 is an error', async (t) => {
  const server = createServer((_request, response) => response.end(Buffer.from([0x22, 0xff, 0x22])));
  const port = await listen(server);
  t.teardown(() => server.close());
  await t.throwsAsync(sendRequest(new URL(`http://127.0.0.1:${port}/`), {}, limits), {
    message: /not UTF-8$/,
  });
});

test('HTTP client – a header that cannot be sent is a failure and not thrown at once', async (t) => {
  const url = await place(t, { kind: 'body', body: 'yes' });
  const error = await t.throwsAsync(sendRequest(url, { headers: { authorization: `${secret}\n` } }, limits));
  t.false(error?.message.includes(secret));
});

test('HTTP client – given up by its signal, also before it began', async (t) => {
  const url = await place(t, { kind: 'hang' });
  const early = AbortSignal.abort();
  await t.throwsAsync(sendRequest(url, { signal: early }, limits), { message: /given up$/ });
  const later = new AbortController();
  const waiting = sendRequest(url, { signal: later.signal }, limits);
  later.abort();
  await t.throwsAsync(waiting, { message: /given up$/ });
});

test('client – keeps connections, and no more than maxSockets of them', async (t) => {
  let connections = 0;
  const server = createServer((_request, response) => setTimeout(() => response.end('yes'), 20));
  server.on('connection', () => connections++);
  const port = await listen(server);
  t.teardown(() => server.close());
  const client = new HttpClient({ ...limits, maxSockets: 3 });
  t.teardown(() => client.close());
  const url = new URL(`http://127.0.0.1:${port}/`);
  await Promise.all(Array.from({ length: 30 }, () => client.send(url, {})));
  await client.send(url, {});
  t.is(connections, 3);
});

test('client – a kept connection that the server closed does not fail a request', async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.end('yes'));
  server.on('connection', (socket) => sockets.add(socket));
  const port = await listen(server);
  t.teardown(() => server.close());
  const client = new HttpClient(limits);
  t.teardown(() => client.close());
  const url = new URL(`http://127.0.0.1:${port}/`);
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 5 }, () => client.send(url, {})));
    // A reset, so that the client learns of it only when it writes.
    for (const socket of sockets) socket.resetAndDestroy();
    t.is((await client.send(url, { method: 'POST', body: 'x' })).body, 'yes');
  }
});

test('client – mTLS: shows its certificate, trusts its own CA only', async (t) => {
  const { createServer: createTlsServer } = await import('node:https');
  const ca = await createCa();
  const other = await createCa();
  const { certPem, keyPem } = await ca.server();
  const options = { cert: certPem, key: keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer(options, (_request, response) => response.end('yes'));
  const port = await listen(server);
  t.teardown(() => server.close());
  const url = new URL(`https://127.0.0.1:${port}/`);
  const mine = await ca.issue();
  const own = { cert: mine.certPem, key: mine.keyPem };
  for (const [ok, tls] of [
    [true, { ca: ca.certPem, ...own }],
    [true, { ca: [other.certPem, ca.certPem], ...own }],
    [false, { ca: ca.certPem }],
    [false, { ca: other.certPem, ...own }],
    [false, own],
  ] as const) {
    const client = new HttpClient({ ...limits, ...tls });
    t.teardown(() => client.close());
    const asked = client.send(url, {});
    if (ok) t.is((await asked).body, 'yes');
    else await t.throwsAsync(asked);
  }
});

const retries: [string | undefined, number | undefined][] = [
  [undefined, undefined],
  ['0', 1],
  ['7', 7],
  ['60', 60],
  ['61', 60],
  ['999999999', 60],
  ['9999999999', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
];
for (const [value, seconds] of retries)
  test(`Retry-After – ${value} means ${seconds} (RFC 9110 §10.2.3)`, (t) => {
    t.is(readRetryAfter({ headers: { 'retry-after': value } }), seconds);
  });

test('place – without credentials, query and fragment', (t) => {
  t.is(urlForLog(new URL('https://u:p@a.example:8443/x/y?token=1#f')), 'https://a.example:8443/x/y');
});
