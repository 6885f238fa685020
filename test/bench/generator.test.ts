import { createServer, type Http2Server, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import anyTest, { type TestFn } from 'ava';
import { Generator } from '../../tools/bench/load/generator.ts';

/** A server whose answers a test decides. */
interface Answering {
  server: Http2Server;
  port: number;
  answer: (stream: ServerHttp2Stream, number: number) => void;
}

const test = anyTest as TestFn<Answering>;

const names = Buffer.from('user-0000001');
const check = { bytes: framed(Buffer.from('a check')), names };
const good = framed(Buffer.from(`0a00${names.toString('hex')}`, 'hex'));
const head = { ':status': 200, 'content-type': 'application/grpc' };

test.beforeEach(async (t) => {
  const server = createServer();
  t.context.answer = (stream) => respond(stream, good);
  let number = 0;
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.resume().on('end', () => t.context.answer(stream, number++));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.context.port = (server.address() as AddressInfo).port;
  t.context.server = server;
});

test.afterEach.always((t) => {
  t.context.server.close();
});

test('generator – counts no answer as wrong where all are right', async (t) => {
  const { calls, sent, wrong } = await load(t.context);
  t.deepEqual({ calls, sent, wrong }, { calls: 400, sent: 400, wrong: 0 });
});

const wrongAnswers: Readonly<Record<string, Answering['answer']>> = {
  'another status': (stream) =>
    respond(stream, framed(Buffer.concat([Buffer.from('0a020810', 'hex'), names]))),
  'the subject of another token': (stream) => respond(stream, framed(Buffer.from('0a00757365722d30', 'hex'))),
  'a message that is not whole': (stream) => respond(stream, good.subarray(0, -1)),
  'a message that is too long': (stream) => respond(stream, Buffer.concat([good, good])),
  'no message': (stream) => respond(stream, Buffer.alloc(0)),
  'another grpc-status': (stream) => respond(stream, good, { 'grpc-status': '13' }),
  'no grpc-status': (stream) => respond(stream, good, { 'grpc-message': '0' }),
  'no trailers': (stream) => {
    stream.respond(head);
    stream.end(good);
  },
  'a reset': (stream) => stream.close(8),
  'an end of the connection': (stream) => stream.session?.destroy(),
};

for (const [title, answer] of Object.entries(wrongAnswers))
  test(`generator – counts ${title} among right answers as wrong`, async (t) => {
    t.context.answer = (stream, number) => (number === 200 ? answer(stream, number) : respond(stream, good));
    const { wrong } = await load(t.context);
    t.true(wrong >= 1, `${wrong}`);
  });

test('generator – reads statuses that take turns with the table of the server', async (t) => {
  t.context.answer = (stream, number) => respond(stream, good, { 'grpc-status': String(number % 3) });
  const { wrong } = await load(t.context);
  t.is(wrong, 266);
});

test('generator – in an open loop counts the time from when a check was due', async (t) => {
  const late: (() => void)[] = [];
  t.context.answer = (stream, number) => {
    late.push(() => respond(stream, good));
    if (number === 20) for (const answer of late) answer();
    else if (number > 20) respond(stream, good);
  };
  const generator = await Generator.open(
    { wire: 'grpc', host: '127.0.0.1', port: t.context.port },
    () => check,
  );
  const { latencies, lateness, sent, wrong } = await generator.openLoop(0, 1000, 100);
  generator.close();
  t.is(wrong, 0);
  t.is(latencies.length, sent);
  // 20 checks at 1000 a second: the first waits for about 20 ms, as a rule.
  t.true((latencies.at(-1) ?? 0) > 2, `${latencies.at(-1)}`);
  t.is(lateness.length, sent);
  // No answer can come before its check was sent.
  t.true(lateness.every((late, at) => late >= 0 && late <= (latencies[at] ?? 0)));
});

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function respond(
  stream: ServerHttp2Stream,
  message: Buffer,
  trailers: OutgoingHttpHeaders = { 'grpc-status': '0' },
): void {
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(message);
}

async function load({ port }: Pick<Answering, 'port'>) {
  const generator = await Generator.open({ wire: 'grpc', host: '127.0.0.1', port }, () => check);
  const window = await generator.load(0, { calls: 400 });
  generator.close();
  return window;
}
