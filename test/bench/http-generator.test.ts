import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Generator } from '../../tools/bench/load/generator.ts';

const names = Buffer.from('user-0000001');
const check = { bytes: Buffer.from('GET / HTTP/1.1\r\nhost: a.test\r\n\r\n'), names };
const good = 'HTTP/1.1 200 OK\r\nx-user: user-0000001\r\nContent-Length: 2\r\n\r\nok';

async function open(t: ExecutionContext, server: Server): Promise<Generator> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const generator = await Generator.open({ wire: 'http', host: '127.0.0.1', port }, () => check);
  t.teardown(() => {
    generator.close();
    server.close();
  });
  return generator;
}

/** Sends 200 checks to a server that gives the hundredth of its answers with `answer`. */
async function load(t: ExecutionContext, answer: (socket: Socket) => void) {
  let number = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => (++number === 100 ? answer(socket) : socket.write(good)));
  });
  const generator = await open(t, server);
  const { sent, wrong } = await generator.load(200, { calls: 200 });
  return { sent, wrong };
}

const wrongAnswers: Readonly<Record<string, string>> = {
  'another status': good.replace('200', '401'),
  'the subject of another token': good.replace('0001', '0002'),
  'an answer without a length': good.replace('Content-Length: 2', 'x: 2').concat('\r\n\r\n'),
  'an answer that is too long': `${good}more`,
};

test('generator over HTTP – counts no answer as wrong where all are right', async (t) => {
  t.deepEqual(await load(t, (socket) => socket.write(good)), { sent: 200, wrong: 0 });
});

test('generator over HTTP – puts an answer together that comes in pieces', async (t) => {
  const { wrong } = await load(t, (socket) => {
    socket.write(good.slice(0, 40));
    setTimeout(() => socket.write(good.slice(40)), 5);
  });
  t.is(wrong, 0);
});

test('generator over HTTP – connects again after an idle connection was closed', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', () => socket.write(good));
  });
  const generator = await open(t, server);
  while (sockets.length < 64) await once(server, 'connection');
  const first = await generator.ask(check);
  await Promise.all(sockets.splice(0).map((socket) => once(socket.end(), 'close')));
  const second = await generator.ask(check);
  t.deepEqual([first.status, second.status, sockets.length], [200, 200, 1]);
});

test('generator over HTTP – counts a connection that ends instead of an answer as wrong', async (t) => {
  const { wrong } = await load(t, (socket) => socket.destroy());
  t.is(wrong, 1);
});

for (const [title, answer] of Object.entries(wrongAnswers))
  test(`generator over HTTP – counts ${title} as wrong`, async (t) => {
    const { wrong } = await load(t, (socket) => socket.write(answer));
    t.is(wrong, 1);
  });
