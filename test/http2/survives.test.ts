import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { goodFrame, openDoor } from '../grpc/door-world.ts';
import { Attacker } from '../hostile/wire/attacker.ts';
import {
  flags,
  frame,
  ping,
  preface,
  request,
  reset,
  settings,
  types,
  window,
} from '../hostile/wire/frames.ts';
import { serve } from '../http/server-world.ts';
import { waitFor } from '../support/wait.ts';

/**
 * What strangers make a proxy do to the one connection that carries everybody's checks, more often than any limit of Node
 * or nghttp2 allows by default. A connection that ends loses the answers of all, and failure_mode_allow lets those in.
 */

const patience = 20_000;
const { data } = types;
const { endStream } = flags;
/** With room for all answers. */
const start = Buffer.concat([preface, settings(), window(0, 0x3fff_ffff)]);
const odd = (n: number) => 1 + 2 * n;
/** The shortest request there is, of header fields that both sides know by number (RFC 7541, appendix A). */
const get = (n: number) => {
  const authority = n === 0 ? [0x41, 1, 0x61] : [0xbe];
  const whole = flags.endHeaders | flags.endStream;
  return frame(types.headers, whole, odd(n), Buffer.from([0x82, 0x86, 0x84, ...authority]));
};

const grpc = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/envoy.service.auth.v3.Authorization/Check'],
  [':authority', 'a'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
] as const;
const http = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/x'],
  [':authority', 'a'],
] as const;

interface DoorKind {
  readonly fields: readonly (readonly [string, string])[];
  /** Behind the head; empty where the head is all. */
  body(stream: number): Buffer;
  open(
    t: ExecutionContext,
    until?: Promise<void>,
  ): Promise<{ readonly port: number; readonly asked: unknown[] }>;
}

const doors: Readonly<Record<string, DoorKind>> = {
  gRPC: {
    fields: grpc,
    body: (stream) => frame(data, endStream, stream, goodFrame),
    open: (t, until) => openDoor(t, {}, {}, () => until ?? Promise.resolve()),
  },
  HTTP: {
    fields: http,
    body: (stream) => frame(data, endStream, stream),
    open: (t, until) =>
      serve(t, async () => {
        await until;
        return { status: 200, headers: [], body: 'yes' };
      }),
  },
};

/** That the connection is there, and that a whole check on it is answered. */
async function isServed(
  t: ExecutionContext,
  client: Attacker,
  { fields, body }: DoorKind,
  stream: number,
): Promise<void> {
  await client.say(Buffer.concat([request(stream, fields), body(stream)]));
  const isAnswered = () => client.frames.some((one) => one.stream === stream && (one.flag & endStream) !== 0);
  await waitFor('the answer', patience, () => isAnswered() || !client.open);
  t.true(isAnswered(), 'the connection ended without the answer');
  t.false(
    client.frames.some(({ type }) => type === types.goaway),
    'GOAWAY',
  );
  t.true(client.open);
}

/** More than nghttp2 lets pass at once of anything (10,000), and what it gives back meanwhile. */
const many = 14_000;
const batch = 400;

/** Sends `piece` for each stream; every batch is followed by a ping, whose echo is waited for. */
async function flood(client: Attacker, count: number, piece: (n: number) => Buffer): Promise<void> {
  for (let n = 0; n < count; n += batch) {
    const pieces = Array.from({ length: Math.min(batch, count - n) }, (_, index) => piece(n + index));
    const heard = client.frames.filter(({ type }) => type === types.ping).length;
    await client.say(Buffer.concat([...pieces, ping()]));
    await waitFor(
      'the echo',
      patience,
      () => !client.open || client.frames.filter(({ type }) => type === types.ping).length > heard,
      1,
    );
    if (!client.open) return;
    client.frames.splice(
      0,
      client.frames.length,
      ...client.frames.filter(({ type }) => type === types.goaway),
    );
  }
}

for (const [name, kind] of Object.entries(doors)) {
  const begin = async (t: ExecutionContext, until?: Promise<void>) => {
    const { port, asked } = await kind.open(t, until);
    const client = new Attacker(port, true);
    t.teardown(() => client.close());
    await client.say(start);
    return { client, asked };
  };
  const whole = (stream: number) => Buffer.concat([request(stream, kind.fields), kind.body(stream)]);

  test.serial(`survives – ${many} checks that are reset at once, at the ${name} door`, async (t) => {
    const { client } = await begin(t);
    await flood(client, many, (n) => Buffer.concat([whole(odd(n)), reset(odd(n))]));
    await isServed(t, client, kind, odd(many));
  });

  test.serial(
    `survives – ${many} heads that are reset before anything follows, at the ${name} door`,
    async (t) => {
      const { client, asked } = await begin(t);
      await flood(client, many, (n) => Buffer.concat([request(odd(n), kind.fields), reset(odd(n))]));
      await isServed(t, client, kind, odd(many));
      // Over gRPC a check is its message. Over HTTP it is the head, which may be decided before its reset is read.
      if (name === 'gRPC') t.is(asked.length, 1, 'what was reset is not decided');
    },
  );

  test.serial(
    `survives – resets and windows for checks that were answered, at the ${name} door`,
    async (t) => {
      const { client } = await begin(t);
      await flood(client, many / 2, (n) => Buffer.concat([whole(odd(n)), window(odd(n), 1)]));
      await flood(client, many / 2, (n) => Buffer.concat([reset(odd(n)), window(odd(n), 1)]));
      await isServed(t, client, kind, odd(many));
    },
  );

  test.serial(`survives – bodies that come after their answer, at the ${name} door`, async (t) => {
    const { client } = await begin(t);
    const unknown = kind.fields.map(([key, value]) => [key, key === ':path' ? '/unknown' : value] as const);
    await flood(client, many / 2, (n) => request(odd(n), unknown));
    await flood(client, many / 2, (n) => frame(data, endStream, odd(n), Buffer.alloc(10)));
    await isServed(t, client, kind, odd(many));
  });

  test.serial(`survives – five hundred streams more than a proxy is told, at the ${name} door`, async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { client, asked } = await begin(t, promise);
    const count = 4_400;
    for (let n = 0; n < count; n += 100)
      await client.say(Buffer.concat(Array.from({ length: 100 }, (_, index) => whole(odd(n + index)))));
    await waitFor(
      'the refusals',
      patience,
      () => client.frames.filter(({ type }) => type === types.rst).length >= 500,
    );
    t.is(asked.length, 3_850);
    resolve();
    await waitFor(
      'the answers',
      patience,
      () =>
        client.frames.filter(({ flag, type }) => (flag & endStream) !== 0 && type !== types.rst).length >=
        1_000,
    );
    await isServed(t, client, kind, odd(count));
  });

  test.serial(`survives – two thousand heads that are no HTTP, at the ${name} door`, async (t) => {
    const { client } = await begin(t);
    await flood(client, 2_000, (n) => request(odd(n), [...kind.fields, ['Upper', 'case']]));
    await isServed(t, client, kind, odd(2_000));
  });

  test.serial(
    `survives – honest checks between thousands of resets in one read, at the ${name} door`,
    async (t) => {
      const { client } = await begin(t);
      const pairs = 3_000;
      const indexed = Buffer.concat(
        Array.from({ length: pairs }, (_, n) => Buffer.concat([get(n), reset(odd(n))])),
      );
      await client.say(Buffer.concat([indexed, whole(odd(pairs))]));
      await isServed(t, client, kind, odd(pairs + 1));
      t.true(client.frames.some(({ stream, flag }) => stream === odd(pairs) && (flag & endStream) !== 0));
      t.false(client.frames.some(({ type }) => type === types.rst));
    },
  );

  test.serial(
    `survives – the work for a check that was reset is done, and not answered, at the ${name} door`,
    async (t) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const { client, asked } = await begin(t, promise);
      await client.say(whole(1));
      await waitFor('the check', patience, () => asked.length === 1);
      await client.say(reset(1));
      await sleep(20);
      resolve();
      await isServed(t, client, kind, 3);
      t.false(client.frames.some(({ stream }) => stream === 1));
    },
  );
}
