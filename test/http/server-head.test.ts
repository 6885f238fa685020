import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { defaultLimits } from '../../src/http/transport/limits.ts';
import type { HttpAnswer } from '../../src/http/transport/server.ts';
import { RawClient, serve } from './server-world.ts';

/** The answer of node:http with `writeHead` to the same request. */
async function serveByNode(t: ExecutionContext, { status, headers, body }: HttpAnswer): Promise<number> {
  const server = createServer({ keepAliveTimeout: defaultLimits.idle }, (_request, response) => {
    const framing =
      status === 204 || status === 304 ? [] : ['content-length', String(Buffer.byteLength(body))];
    response.writeHead(status, [...headers.flat(), ...framing]);
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function received(t: ExecutionContext, port: number, method: string): Promise<string> {
  const client = new RawClient(t, port).say(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
  await client.hears(/\r\n\r\n(?:<body>)?$/);
  return client.received.replace(/^Date: .+$/m, 'Date: now');
}

const headers = [
  ['x-auth-request-user', 'zoë'],
  ['x-spiffe-id', 'spiffe://cluster.local/ns/a/sa/b'],
  ['set-cookie', 'a'],
  ['set-cookie', 'b'],
] as const;
const answers: readonly (readonly [string, HttpAnswer])[] = [
  ['an allow', { status: 200, headers, body: '' }],
  ['an allow with a body', { status: 200, headers, body: '<body>' }],
  ['an allow of nginx', { status: 202, headers: [], body: '' }],
  ['an answer without content', { status: 204, headers, body: '' }],
  [
    'a refusal',
    { status: 401, headers: [['www-authenticate', 'Bearer error="invalid_token"']], body: '<body>' },
  ],
  ['a status without a name', { status: 299, headers, body: '' }],
];

for (const [name, answer] of answers)
  for (const method of ['GET', 'HEAD', 'POST'])
    test(`http/1 – the head of ${name} to ${method} is that of Node`, async (t) => {
      const { port } = await serve(t, () => answer);
      t.is(await received(t, port, method), await received(t, await serveByNode(t, answer), method));
    });

test('http/1 – the date is that of the answer', async (t) => {
  const { port } = await serve(t, () => ({ status: 200, headers: [], body: '' }));
  const before = Math.floor(Date.now() / 1_000);
  const text = await new RawClient(t, port).say('GET / HTTP/1.1\r\nHost: a\r\n\r\n').hears(/\r\n\r\n$/);
  const date = Date.parse(/^Date: (.+)\r$/m.exec(text)?.[1] ?? '') / 1_000;
  t.true(date >= before && date <= Date.now() / 1_000, text);
});
