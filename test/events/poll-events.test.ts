import { setImmediate as nextTurn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readJsonBody } from '../../src/console/read-body.ts';
import { pollEvents } from '../../src/events/poll-events.ts';
import type { ReceiverOptions } from '../../src/events/receive-event.ts';
import { createServer } from '../../src/lib/node-http.ts';
import { HttpClient } from '../../src/sources/http-client.ts';
import { listen } from '../support/listening.ts';
import { waitFor } from '../support/wait.ts';
import { createWorld, eventToken, transmitter, userOf } from './events.ts';

const token = 'the-token-of-the-receiver';
// biome-ignore lint/suspicious/noExplicitAny: tests read single members of a request
type Polled = any;

/** A transmitter that answers each poll with the next answer, and then with no tokens. */
async function start(
  t: ExecutionContext,
  answers: readonly object[],
  more: Partial<ReceiverOptions> = {},
  mayPoll = true,
) {
  const polls: Polled[] = [];
  const failures: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    void readJsonBody(request).then((body) => {
      polls.push({ headers: request.headers, method: request.method, ...body });
      const { status = 200, ...answer } = (answers[polls.length - 1] ?? { sets: {} }) as { status?: number };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const port = await listen(server);
  const client = new HttpClient({ timeout: 5_000, maxBytes: 1_000_000 });
  const world = createWorld(more);
  const polling = pollEvents({
    ...{ transmitter, token, receive: world.receive, url: new URL(`http://127.0.0.1:${port}/poll`) },
    send: (url, request) => client.send(url, request),
    mayPoll: async () => mayPoll,
    report: (failure) => failures.push(failure),
  });
  t.teardown(async () => {
    polling.stop();
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  await polling.start();
  const polled = (count: number) => waitFor('polls', 5_000, () => polls.length >= count);
  return { ...world, polls, polled, failures };
}

test('poll events – tokens are acted on, and acknowledged by the next poll (RFC 8936 §2.2)', async (t) => {
  const good = eventToken({ jti: 'a' });
  const wrong = eventToken({ jti: 'b', aud: 'another' });
  const { polls, polled, added } = await start(t, [
    { sets: { a: good, b: wrong, c: 7 }, moreAvailable: true },
  ]);
  await polled(2);
  t.like(polls[0], { method: 'POST', maxEvents: 16, returnImmediately: true, ack: [] });
  t.is(polls[0].headers.authorization, `Bearer ${token}`);
  t.is(polls[0].setErrs, undefined);
  t.deepEqual(polls[1].ack, ['a']);
  t.deepEqual(polls[1].setErrs, {
    b: { err: 'invalid_audience', description: 'aud is another' },
    c: { err: 'invalid_request', description: 'the token is not a text' },
  });
  t.is(added.length, 1);
  await polled(3);
  t.deepEqual([polls[2].ack, polls[2].setErrs], [[], undefined]);
});

test('poll events – what could not be kept is not acknowledged', async (t) => {
  let isDown = true;
  const store = {
    async add() {
      if (isDown) throw new Error('the store is gone');
    },
    undo: async () => [],
    list: async () => [],
  };
  const sets = { a: eventToken({ jti: 'a' }), b: eventToken({ jti: 'b', sub_id: userOf('bob') }) };
  const { polls, polled, failures } = await start(t, [{ sets }, { sets }], { store });
  t.deepEqual(failures, ['the store is gone']);
  isDown = false;
  await polled(3);
  t.deepEqual(polls[1].ack, []);
  t.deepEqual(polls[2].ack.toSorted(), ['a', 'b']);
});

test('poll events – acknowledgements that got no answer are sent again', async (t) => {
  const { polls, polled, failures } = await start(t, [
    { sets: { a: eventToken() }, moreAvailable: true },
    { status: 503 },
  ]);
  await polled(3);
  t.deepEqual(
    polls.slice(0, 3).map(({ ack }) => ack),
    [[], ['a'], ['a']],
  );
  t.regex(String(failures.find((one) => one !== undefined)), /answered 503/);
});

test('poll events – more tokens than were asked for, and odd names, do no harm', async (t) => {
  const sets = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`t-${index}`, 'x']));
  const odd = JSON.parse(`{"__proto__":"x","constructor":"y",${JSON.stringify(sets).slice(1)}`);
  const { polls, polled, results } = await start(t, [{ sets: odd }]);
  await polled(2);
  t.is(results.length, 16);
  t.is(Object.keys(polls[1].setErrs).length, 16);
  t.true(Object.hasOwn(polls[1].setErrs, '__proto__'));
});

test('poll events – a transmitter that always has more does not keep the process busy', async (t) => {
  const endless = Array.from({ length: 100 }, (_, index) => ({
    sets: { [index]: eventToken({ jti: `${index}` }) },
    moreAvailable: true,
  }));
  const began = performance.now();
  const { polled } = await start(t, endless);
  await polled(12);
  t.true(performance.now() - began > 500);
});

test('poll events – a replica that is not on turn asks nobody', async (t) => {
  const { polls, failures } = await start(t, [], {}, false);
  await nextTurn();
  t.deepEqual(polls, []);
  t.deepEqual(failures, [undefined]);
});
