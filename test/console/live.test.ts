import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Live } from '../../src/console/live.ts';
import { LineTap } from '../../src/operate/line-tap.ts';
import { askPort, readStream, rules, startConsole } from '../support/console-world.ts';
import { configText } from '../support/peerproof.ts';
import { waitFor, withDeadline } from '../support/wait.ts';

test('console decisions – a client sees each decision as it is made, and the refusals before', async (t) => {
  const { adminPort, check, lines } = await startConsole(t);
  await check('/healthz');
  await check('/orders/1');
  const stream = readStream(t, adminPort);
  await stream.waitFor(1);
  await check('/healthz');
  await check('/orders/2');
  await stream.waitFor(3);
  t.deepEqual(
    stream.lines().map(({ path }) => path),
    ['/orders/1', '/healthz', '/orders/2'],
  );
  const logged = lines.map((line) => JSON.parse(line)).filter((line) => line.decision_id);
  t.deepEqual(stream.lines(), [logged[1], logged[2], logged[3]]);
});

test('console decisions – the filter has the words of the log command', async (t) => {
  const { adminPort, check, ask } = await startConsole(t);
  const filters = ['deny', 'rule=orders', 'path=/orders/*', 'reason=token_* host=orders.*', 'authorization'];
  const streams = filters.map((filter) => readStream(t, adminPort, filter));
  await Promise.all(streams.map(({ opened }) => opened));
  await check('/healthz');
  await check('/orders/1');
  for (const [index, stream] of streams.entries()) {
    await stream.waitFor(1);
    t.deepEqual(
      stream.lines().map(({ path }) => path),
      ['/orders/1'],
      filters[index],
    );
  }
  for (const filter of ['color=red', 'since=yesterday', 'a '.repeat(21), 'a'.repeat(1_001)])
    t.is((await ask(`/console/api/decisions?filter=${encodeURIComponent(filter)}`)).status, 400, filter);
});

test('console decisions – what the log leaves out is not there', async (t) => {
  const { adminPort, check, read } = await startConsole(t, {
    log: { omit: ['path', 'host'], public: false },
  });
  const stream = readStream(t, adminPort);
  await stream.opened;
  await check('/healthz');
  await check('/orders/1');
  await stream.waitFor(1);
  const [line] = stream.lines();
  t.is(stream.lines().length, 1);
  t.is(line?.path, undefined);
  t.is(line?.host, undefined);
  t.is((await read('/console/api/state')).log.length, 2);
});

test('console decisions – hostile text arrives as data, and ends no message', async (t) => {
  const { adminPort, check } = await startConsole(t);
  const stream = readStream(t, adminPort);
  await stream.opened;
  const path = '/orders/<img src=x onerror=alert(1)>"\ndata: {}\u2028\u202e';
  await check(path);
  await stream.waitFor(1);
  t.true(String(stream.lines()[0]?.path).startsWith('/orders/<img src=x onerror=alert(1)>"\ndata: {}'));
});

test('console decisions – at most eight clients look, and the next one hears why not', async (t) => {
  const { adminPort, ask } = await startConsole(t);
  const streams = Array.from({ length: 8 }, () => readStream(t, adminPort));
  await Promise.all(streams.map(({ opened }) => opened));
  const { status, body } = await ask('/console/api/decisions');
  t.is(status, 503);
  t.regex(body, /8 others look/);
  streams[0]?.close();
  await waitFor('a free place', 5_000, async () => (await ask('/console/api/decisions')).status === 200);
});

test('console decisions – a connection that has no end is not closed for others, and keeps no probe out', async (t) => {
  const { adminPort, check } = await startConsole(t);
  const stream = readStream(t, adminPort);
  await stream.opened;
  const sockets = Array.from({ length: 160 }, () =>
    connect(adminPort, '127.0.0.1').on('error', () => undefined),
  );
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  t.is((await askPort(adminPort, '/healthz')).status, 200);
  await check('/orders/1');
  await stream.waitFor(1);
  t.is((await askPort(adminPort, '/readyz')).status, 200);
});

test('console decisions – a console that is turned off ends the streams of those that look', async (t) => {
  const { adminPort, reload } = await startConsole(t);
  const stream = readStream(t, adminPort);
  await stream.opened;
  await reload(configText({ rules: [rules[0]!], console: { enabled: false } }));
  await withDeadline('the end of the stream', 10_000, stream.closed);
  t.is((await askPort(adminPort, '/console')).status, 404);
});

test('console decisions – clients that stop reading keep no check and no probe waiting', async (t) => {
  const { adminPort, check, read } = await startConsole(t);
  const sockets = Array.from({ length: 8 }, () => {
    const socket = connect(adminPort, '127.0.0.1').on('error', () => undefined);
    socket.write(`GET /console/api/decisions HTTP/1.1\r\nhost: 127.0.0.1:${adminPort}\r\n\r\n`);
    return socket.pause();
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  await waitFor('eight clients', 5_000, async () => {
    const { status } = await askPort(adminPort, '/console/api/decisions');
    return status === 503;
  });
  const path = `/orders/${'x'.repeat(600)}`;
  const answers = await Promise.all(Array.from({ length: 500 }, () => check(path)));
  t.true(answers.every(({ status }) => status.code === 16));
  t.is((await askPort(adminPort, '/healthz')).status, 200);
  t.is((await read('/console/api/rules')).rules[0].refused, 500);
});

/** A stream of lines without a service. */
async function startLive(t: ExecutionContext) {
  const tap = new LineTap({ write: () => undefined });
  tap.isOn = true;
  const live = new Live({ tap, access: () => ({ to: 'this-machine' }) });
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    void live.serve({ request, response, keepOpen: () => undefined }, () => true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { tap, responses, port: (server.address() as AddressInfo).port };
}

const lineOf = (n: number, level = 40) =>
  `{"level":${level},"decision_id":"${n}","effect":"deny","reason":"no_rule","path":"/${'x'.repeat(4_000)}"}\n`;

test('console decisions – a flood costs a bounded number of lines, and refusals keep their places', async (t) => {
  const { tap, port } = await startLive(t);
  const stream = readStream(t, port);
  await waitFor('the client', 5_000, async () => tap.reader !== undefined);
  for (let n = 0; n < 10_000; n++)
    tap.write(`{"level":30,"decision_id":"${n}","effect":"allow","reason":"allowed"}\n`);
  tap.write(lineOf(10_000));
  await waitFor('the lines', 5_000, async () => stream.lines().length > 0);
  t.is(stream.lines().length, 126);
  t.is(stream.left(), 9_875);
  t.is(stream.lines().at(-1)?.decision_id, '10000');
});

test('console decisions – nothing reads the lines while nobody looks', async (t) => {
  const { tap, port } = await startLive(t);
  t.is(tap.reader, undefined);
  const stream = readStream(t, port);
  await waitFor('the client', 5_000, async () => tap.reader !== undefined);
  stream.close();
  await waitFor('the end', 5_000, async () => tap.reader === undefined);
});
