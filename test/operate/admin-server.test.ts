import { connect, type Socket } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Registry } from 'prom-client';
import { type Readiness, startAdminServer } from '../../src/operate/admin-server.ts';

const registry = new Registry();
let readiness: Readiness = { ready: true, state: 'serving', issuers: { corp: { keys: true, age_s: 1 } } };
const server = await startAdminServer({ host: '127.0.0.1', port: 0 }, () => readiness, registry);
test.after.always(() => server.close());
const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });

test.serial('admin – /healthz says that the process answers', async (t) => {
  const answer = await get('/healthz');
  t.is(answer.status, 200);
  t.deepEqual(await answer.json(), { alive: true });
});

test.serial('admin – /readyz is 200 or 503, with what is known of each issuer', async (t) => {
  const good = await get('/readyz');
  t.is(good.status, 200);
  t.deepEqual(await good.json(), readiness);
  readiness = { ready: false, state: 'starting', issuers: { corp: { keys: false, failure: 'refused' } } };
  const bad = await get('/readyz?verbose');
  t.is(bad.status, 503);
  t.deepEqual(await bad.json(), readiness);
});

test.serial('admin – /metrics in the text form of Prometheus', async (t) => {
  const answer = await get('/metrics');
  t.is(answer.status, 200);
  t.regex(answer.headers.get('content-type') ?? '', /^text\/plain/);
});

for (const path of ['/', '/healthz/', '/Healthz', '/__proto__', '/constructor', '//metrics'])
  test.serial(`admin – ${path} is not found`, async (t) => {
    t.is((await get(path)).status, 404);
  });

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
  test.serial(`admin – ${method} changes nothing`, async (t) => {
    t.is((await get('/healthz', method)).status, 404);
  });

test.serial('admin – an endless body is not read: the connection ends with the answer', async (t) => {
  for (const length of ['transfer-encoding: chunked', 'content-length: 99999999999']) {
    const socket = connect(server.port, '127.0.0.1');
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.on('error', () => undefined);
    let answer = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      answer += piece;
    });
    socket.write(`GET /healthz HTTP/1.1\r\nhost: a\r\n${length}\r\n\r\n`);
    await Promise.race([ended, sleep(5_000)]);
    t.regex(answer, /^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*"alive":true/is);
    socket.destroy();
  }
});

test.serial('admin – /readyz shows other machines names, and no URL, path or address', async (t) => {
  const state: Readiness = {
    ready: true,
    state: 'serving',
    configuration: {
      version: 'v',
      loaded_at: 'now',
      reason: 'configuration_refused',
      refused: '/etc/x.yaml:1: y',
    },
    issuers: {
      corp: { keys: false, reason: 'keys_unavailable', failure: 'https://10.0.0.7/keys: ECONNREFUSED' },
      failure: { keys: true },
    },
    bundles: {
      'x.example': { authorities: 0, reason: 'bundle_unavailable', failure: '/run/bundle.pem: ENOENT' },
    },
  };
  const ask = async (host: string) => {
    const one = await startAdminServer({ host, port: 0 }, () => state, registry);
    try {
      return await (await fetch(`http://127.0.0.1:${one.port}/readyz`)).text();
    } finally {
      await one.close();
    }
  };
  t.deepEqual(JSON.parse(await ask('127.0.0.1')), state);
  const rebound = await startAdminServer({ host: '127.0.0.1', port: 0 }, () => state, registry);
  t.teardown(() => rebound.close());
  const socket = connect(rebound.port, '127.0.0.1');
  socket.end('GET /readyz HTTP/1.1\r\nHost: evil.example:9003\r\nConnection: close\r\n\r\n');
  t.notRegex(await readAll(socket), /10\.0\.0\.7|ENOENT|ECONN/);
  const open = await ask('0.0.0.0');
  t.notRegex(open, /\/|10\.0\.0\.7|ENOENT|ECONN/);
  t.deepEqual(JSON.parse(open), {
    ready: true,
    state: 'serving',
    configuration: { version: 'v', loaded_at: 'now', reason: 'configuration_refused' },
    issuers: { corp: { keys: false, reason: 'keys_unavailable' }, failure: { keys: true } },
    bundles: { 'x.example': { authorities: 0, reason: 'bundle_unavailable' } },
  });
});

test.serial(
  'admin – 40 loops on /metrics have it rendered a few times a second, one at a time',
  async (t) => {
    let [rendered, underWay, most, answered] = [0, 0, 0, 0];
    const slow = {
      contentType: registry.contentType,
      metrics: async () => {
        rendered++;
        most = Math.max(most, ++underWay);
        await sleep(1);
        underWay--;
        return 'x 1\n';
      },
    };
    const one = await startAdminServer({ host: '127.0.0.1', port: 0 }, () => readiness, slow);
    t.teardown(() => one.close());
    const began = performance.now();
    const loops = Array.from({ length: 40 }, async () => {
      for (let n = 0; n < 3; n++) {
        await (await fetch(`http://127.0.0.1:${one.port}/metrics`)).text();
        answered++;
      }
    });
    await Promise.all(loops);
    t.is(answered, 120);
    t.is(most, 1);
    t.true(rendered <= 4 * Math.ceil((performance.now() - began) / 1000) + 2, `${rendered} times`);
  },
);

test.serial('admin – with too many connections the oldest is closed, and a new one is served', async (t) => {
  const one = await startAdminServer({ host: '127.0.0.1', port: 0 }, () => readiness, registry);
  t.teardown(() => one.close());
  let closed = 0;
  const sockets: Socket[] = [];
  for (let n = 0; n < 160; n++) {
    const socket = connect(one.port, '127.0.0.1');
    socket.on('error', () => undefined).once('close', () => closed++);
    sockets.push(socket);
  }
  t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
  t.is((await fetch(`http://127.0.0.1:${one.port}/healthz`)).status, 200);
  while (closed < 33) await sleep(10);
  t.true(closed <= 36);
});

test.serial('admin – a second request before the answer to the first ends the connection', async (t) => {
  const one = await startAdminServer({ host: '127.0.0.1', port: 0 }, () => readiness, registry);
  t.teardown(() => one.close());
  const socket = connect(one.port, '127.0.0.1');
  t.teardown(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(6));
  let text = '';
  for await (const chunk of socket) text += chunk;
  t.true(text.split('"alive"').length <= 2, text);
  t.is((await fetch(`http://127.0.0.1:${one.port}/healthz`)).status, 200);
});
