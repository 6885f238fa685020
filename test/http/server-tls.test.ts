import { request } from 'node:https';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createCa } from '../support/ca.ts';
import { waitFor, withDeadline } from '../support/wait.ts';
import { ask, echo, http2Client, patience, RawClient, serve, serveLate, status } from './server-world.ts';

const ca = await createCa();
const other = await createCa({ name: 'C=US, O=Other' });
const serverPair = await ca.server();
const client = await ca.issue();
const stranger = await other.issue();
const tls = { cert: serverPair.certPem, key: serverPair.keyPem };
const mtls = { ...tls, clientCa: ca.certPem };
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function tlsClient(t: ExecutionContext, port: number, options: ConnectionOptions = {}) {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: ca.certPem, ...options });
  t.teardown(() => socket.destroy());
  let received = '';
  let ended = false;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  socket.on('close', () => {
    ended = true;
  });
  return {
    socket,
    hears: (pattern: RegExp) =>
      waitFor(
        String(pattern),
        patience,
        () => {
          if (pattern.test(received)) return received;
          if (ended) throw new Error(`ended without ${pattern}`);
          return undefined;
        },
        5,
      ),
    end: () => waitFor('the end', patience, () => ended).then(() => received),
  };
}

/** The status that a client with ALPN `protocols` gets, and what it asked by. */
async function asked(
  t: ExecutionContext,
  port: number,
  options: ConnectionOptions & { ALPNProtocols?: string[] },
): Promise<string> {
  if (options.ALPNProtocols?.includes('h2')) {
    const session = http2Client(t, `https://127.0.0.1:${port}`, { ca: ca.certPem, ...options });
    const answer = await ask(session, { ':path': '/' });
    return `${session.alpnProtocol} ${answer.status} ${answer.body}`;
  }
  const { socket, hears } = tlsClient(t, port, options);
  socket.write(get);
  const received = await hears(/GET \/$/);
  return `${socket.alpnProtocol} ${status(received)} ${received.split('\r\n\r\n')[1]}`;
}

for (const [protocols, expected] of [
  [['h2', 'http/1.1'], 'h2 200 GET /'],
  [['http/1.1'], 'http/1.1 200 GET /'],
  [undefined, 'false 200 GET /'],
] as const)
  test(`tls – ALPN ${protocols ?? 'absent'}: ${expected}`, async (t) => {
    const { port } = await serve(t, echo, {}, tls);
    t.is(await asked(t, port, protocols ? { ALPNProtocols: [...protocols] } : {}), expected);
  });

test('tls – the address is that of the TCP connection', async (t) => {
  const world = await serve(t, echo, {}, tls);
  await asked(t, world.port, { ALPNProtocols: ['h2'] });
  await asked(t, world.port, {});
  t.deepEqual(
    world.asked.map(({ remoteAddress }) => remoteAddress),
    ['127.0.0.1', '127.0.0.1'],
  );
});

for (const ALPNProtocols of [['h2'], ['http/1.1']]) {
  const [protocol] = ALPNProtocols;
  test(`tls – with a client CA, ${protocol} serves only its clients`, async (t) => {
    const world = await serve(t, echo, {}, mtls);
    const own = { ALPNProtocols, cert: client.certPem, key: client.keyPem };
    t.regex(await asked(t, world.port, own), / 200 GET \/$/);
    t.is(world.asked.length, 1);
    for (const bad of [{}, { cert: stranger.certPem, key: stranger.keyPem }]) {
      const refused = tlsClient(t, world.port, { ...bad, ALPNProtocols });
      refused.socket.write(protocol === 'h2' ? 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' : get);
      t.is(await refused.end(), '');
    }
    t.is(world.asked.length, 1);
  });
}

test('tls – without a client CA no certificate is asked for', async (t) => {
  const { port } = await serve(t, echo, {}, tls);
  const { socket, hears } = tlsClient(t, port, { cert: stranger.certPem, key: stranger.keyPem });
  socket.write(get);
  await hears(/GET \/$/);
  t.pass();
});

test('tls – HTTP/2 without ALPN is not read as HTTP/1, and plain HTTP is not TLS: no check takes place', async (t) => {
  const world = await serve(t, echo, {}, tls);
  const { socket, end } = tlsClient(t, world.port);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  t.is(status(await end()), 400);
  for (const text of [get, 'garbage', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
    const received = await new RawClient(t, world.port).say(text).end();
    t.notRegex(received, /HTTP/);
  }
  t.is(world.asked.length, 0);
});

test('tls – a handshake that stops, wherever, is cut off', async (t) => {
  const { port } = await serve(t, echo, { head: 200 }, tls);
  await new RawClient(t, port).end();
  await new RawClient(t, port).say('\x16\x03\x01\x02\x00\x01\x00').end();
  await tlsClient(t, port).end();
  await tlsClient(t, port, { ALPNProtocols: ['h2'] }).end();
  t.pass();
});

test('tls – a connection is kept and used again, and one body is not another request', async (t) => {
  const { Agent } = await import('node:https');
  const { port } = await serve(t, echo, {}, tls);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: ca.certPem });
  t.teardown(() => agent.destroy());
  const reused: boolean[] = [];
  for (let round = 0; round < 3; round++)
    await new Promise<void>((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, method: 'POST' }, (response) => {
        reused.push(outgoing.reusedSocket);
        response.resume().on('end', resolve);
      });
      outgoing.on('error', reject).end('x'.repeat(10_000));
    });
  t.deepEqual(reused, [false, true, true]);
});

test('tls – close ends silent and idle connections at once, and waits for answers', async (t) => {
  const world = await serveLate(t, {}, tls);
  const silent = new RawClient(t, world.port);
  const handshaken = tlsClient(t, world.port, { ALPNProtocols: ['http/1.1'] });
  const handshakenToo = tlsClient(t, world.port, { ALPNProtocols: ['h2'] });
  const waiting = tlsClient(t, world.port);
  waiting.socket.write(get);
  const session = http2Client(t, `https://127.0.0.1:${world.port}`, { ca: ca.certPem });
  const answer = ask(session, { ':path': '/' });
  await waitFor('the checks', patience, () => world.asked.length === 2);
  await sleep(50);
  const closed = world.server.close(1_000_000);
  await Promise.all([silent.end(), handshaken.end(), handshakenToo.end()]);
  world.release();
  t.is((await answer).status, 200);
  t.regex(await waiting.end(), /^HTTP\/1\.1 200 .*connection: close.*GET \/$/s);
  await withDeadline('close', patience, closed);
});

/** A way to the server on which the client's second flight waits for `release`. */
async function slowWay(t: ExecutionContext, port: number) {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const hello = Promise.withResolvers<void>();
  const way = createServer((incoming) => {
    const outgoing = connectTcp({ port, host: '127.0.0.1' });
    outgoing.on('data', hello.resolve);
    outgoing.pipe(incoming);
    incoming.once('data', (first) => {
      outgoing.write(first);
      incoming.pause();
      void promise.then(() => incoming.pipe(outgoing));
    });
    for (const socket of [incoming, outgoing]) {
      socket.on('error', () => {});
      t.teardown(() => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  t.teardown(() => way.close());
  return { port: (way.address() as AddressInfo).port, hello: hello.promise, release };
}

for (const protocol of ['h2', 'http/1.1'])
  test(`tls – a handshake for ${protocol} that ends after close was called is not waited for further`, async (t) => {
    const { server, port } = await serve(t, echo, { head: 1_000_000, request: 1_000_000 }, tls);
    const way = await slowWay(t, port);
    const { socket, end } = tlsClient(t, way.port, { ALPNProtocols: [protocol] });
    if (protocol === 'h2') socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    await way.hello;
    const closed = server.close(1_000_000);
    way.release();
    await end();
    await withDeadline('close', patience, closed);
    t.pass();
  });

test('tls – close ends everything after its time', async (t) => {
  const { server, port, asked: checks } = await serveLate(t, {}, tls);
  const half = new RawClient(t, port).say('\x16\x03\x01\x02\x00\x01\x00');
  const waiting = tlsClient(t, port);
  waiting.socket.write(get);
  const session = http2Client(t, `https://127.0.0.1:${port}`, { ca: ca.certPem });
  const refused = t.throwsAsync(ask(session, { ':path': '/' }));
  await waitFor('the checks', patience, () => checks.length === 2);
  await withDeadline('close', patience, server.close(100));
  await Promise.all([half.end(), waiting.end(), refused]);
});

test('tls – clients that reset their connection, at any point, leave nothing behind', async (t) => {
  const { port } = await serve(t, echo, { connections: 30 }, tls);
  for (let round = 0; round < 5; round++) {
    const clients = Array.from({ length: 20 }, () => new RawClient(t, port).say('\x16\x03\x01\x02\x00\x01'));
    const secure = Array.from({ length: 5 }, () => tlsClient(t, port));
    await Promise.race(
      secure.map(({ socket }) => new Promise((resolve) => socket.once('secureConnect', resolve))),
    );
    for (const { socket } of clients) socket.resetAndDestroy();
    for (const { socket } of secure) socket.destroy();
    await waitFor('a place', patience, () => asked(t, port, {}).catch(() => undefined));
  }
  t.pass();
});

test('tls – an invalid certificate is an error', async (t) => {
  const { startHttpServer } = await import('../../src/http/transport/server.ts');
  const bad = { cert: 'no', key: 'pem' };
  await t.throwsAsync(startHttpServer({ host: '127.0.0.1', port: 0, tls: bad, answer: echo }));
});
