import test, { type ExecutionContext } from 'ava';
import { readRuleObject } from '../../src/sources/rule-objects.ts';
import { Gone, RuleObjectsApi } from '../../src/sources/rule-objects-api.ts';
import {
  type Answering,
  event,
  listOfObjects,
  type RuleObjectsServer,
  recorded,
  startRuleObjectsServer,
} from './rule-objects-server.ts';

interface World {
  readonly server: RuleObjectsServer;
  readonly api: RuleObjectsApi;
}

async function world(t: ExecutionContext, answer: Answering, token = async () => 'secret'): Promise<World> {
  const server = await startRuleObjectsServer(answer);
  const api = new RuleObjectsApi({ url: server.url, token });
  t.teardown(() => {
    api.close();
    server.close();
  });
  return { server, api };
}

const status = (code: number) => (_: unknown, response: { writeHead(code: number): { end(): void } }) =>
  response.writeHead(code).end();
const object = readRuleObject(recorded('payments', 'rules'));
const list = '/apis/peerproof.io/v1alpha1/authorizationrules';

test('rule objects – a list is read page by page, each with the token', async (t) => {
  const pages = [
    listOfObjects([recorded('a', 'a')], { continue: 'more' }),
    listOfObjects([recorded('b', 'b')], { resourceVersion: '101' }),
  ];
  const tokens: unknown[] = [];
  const { api, server } = await world(t, (request, response) => {
    tokens.push(request.headers.authorization);
    response.end(pages.shift());
  });
  const seen: unknown[] = [];
  t.is(await api.list((one) => seen.push(readRuleObject(one)?.key)), '100');
  t.deepEqual(seen, ['a/a', 'b/b']);
  t.deepEqual(server.asked, [`GET ${list}?limit=100`, `GET ${list}?limit=100&continue=more`]);
  t.deepEqual(tokens, ['Bearer secret', 'Bearer secret']);
});

test('rule objects – if a page is too large, fewer objects are asked for', async (t) => {
  const { api, server } = await world(t, (request, response) => {
    const limit = Number(new URL(request.url ?? '', 'http://x').searchParams.get('limit'));
    response.end(limit > 2 ? 'x'.repeat(16_777_217) : listOfObjects([recorded('a', 'a')]));
  });
  const seen: unknown[] = [];
  await api.list((one) => seen.push(one));
  t.is(seen.length, 1);
  t.deepEqual(
    server.asked.map((line) => line.split('?')[1]),
    ['limit=100', 'limit=13', 'limit=2'],
  );
});

for (const [code, text] of [
  [401, /answered 401: it does not accept our token/],
  [403, /answered 403: may our ServiceAccount get, list and watch authorizationrules/],
  [404, /answered 404: is the definition of authorizationrules\.peerproof\.io installed\?/],
  [500, /answered 500$/],
] as const)
  test(`rule objects – ${code} says what to do, for a list, a watch and a status`, async (t) => {
    const { api } = await world(t, status(code));
    await t.throwsAsync(
      api.list(() => undefined),
      { message: text },
    );
    await t.throwsAsync(
      api.watch(
        '1',
        () => undefined,
        () => t.fail('is open'),
      ),
      { message: text },
    );
    if (object && code !== 404) await t.throwsAsync(api.writeStatus(object, {}), { message: text });
  });

test('rule objects – an answer that is not a list is a failure', async (t) => {
  for (const body of ['', 'null', '[]', '{"items":{}}', '<html>']) {
    const { api } = await world(t, (_, response) => response.end(body));
    await t.throwsAsync(
      api.list(() => undefined),
      { message: /answered something that is not a list/ },
    );
  }
});

test('rule objects – a watch begins after a version, and reports each event', async (t) => {
  const { api, server } = await world(t, (request, response) => {
    t.is(request.headers.authorization, 'Bearer secret');
    response.write(event('ADDED', recorded('a', 'a')));
    response.write(event('BOOKMARK', { metadata: { resourceVersion: '120' } }));
    // A connection can end in the middle of an event.
    response.end('{"type":"ADDED","obj');
  });
  const seen: string[] = [];
  let opened = 0;
  await api.watch(
    '100',
    (type) => seen.push(type),
    () => opened++,
  );
  t.deepEqual(seen, ['ADDED', 'BOOKMARK']);
  t.is(opened, 1);
  t.deepEqual(server.asked, [
    `GET ${list}?watch=true&resourceVersion=100&allowWatchBookmarks=true&timeoutSeconds=300`,
  ]);
});

test('rule objects – an old version is told apart, as an answer and as an event', async (t) => {
  const answers: Answering[] = [
    status(410),
    (_, response) => response.end(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })),
  ];
  const { api } = await world(t, (...all) => answers.shift()?.(...all));
  for (let n = 0; n < 2; n++)
    await t.throwsAsync(
      api.watch(
        '1',
        () => t.fail('an event'),
        () => undefined,
      ),
      { instanceOf: Gone },
    );
});

test('rule objects – a redirect is not followed, neither by a list nor by a watch', async (t) => {
  const other = await startRuleObjectsServer((_, response) => response.end(listOfObjects([])));
  t.teardown(other.close);
  const { api } = await world(t, (request, response) =>
    response.writeHead(307, { location: `${other.url}${request.url}` }).end(),
  );
  await t.throwsAsync(
    api.list(() => undefined),
    { message: /answered 307/ },
  );
  await t.throwsAsync(
    api.watch(
      '1',
      () => undefined,
      () => undefined,
    ),
    { message: /redirects/ },
  );
  t.deepEqual(other.asked, []);
});

test('rule objects – the token is read for each request, because it rotates', async (t) => {
  const seen: unknown[] = [];
  let turn = 0;
  const { api } = await world(
    t,
    (request, response) => {
      seen.push(request.headers.authorization);
      response.end(request.url?.includes('watch') ? '' : listOfObjects([]));
    },
    async () => `token-${++turn}`,
  );
  await api.list(() => undefined);
  await api.watch(
    '1',
    () => undefined,
    () => undefined,
  );
  await api.watch(
    '1',
    () => undefined,
    () => undefined,
  );
  t.deepEqual(seen, ['Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
});

test('rule objects – a status is written only to the form that was seen', async (t) => {
  const answers = [200, 409, 404];
  const bodies: string[] = [];
  const { api, server } = await world(t, (request, response, body) => {
    bodies.push(`${request.headers['content-type']} ${body}`);
    response.writeHead(answers.shift() ?? 500).end('{}');
  });
  if (!object) return t.fail();
  const results = [];
  for (let n = 0; n < 3; n++) results.push(await api.writeStatus(object, { rules: 1 }));
  t.deepEqual(results, ['written', 'changed', 'missing']);
  t.is(bodies[0], 'application/merge-patch+json {"metadata":{"resourceVersion":"10"},"status":{"rules":1}}');
  t.is(
    server.asked[0],
    'PATCH /apis/peerproof.io/v1alpha1/namespaces/payments/authorizationrules/rules/status?fieldManager=peerproof',
  );
});

test('rule objects – plain http to another machine is refused, because it would reveal the token', (t) => {
  t.throws(() => new RuleObjectsApi({ url: 'http://10.0.0.1:6443', token: async () => '' }), {
    instanceOf: TypeError,
  });
  t.notThrows(
    () => new RuleObjectsApi({ url: 'http://10.0.0.1:6443', token: async () => '', allowInsecureHttp: true }),
  );
});

test('rule objects – closing ends a watch that is open, without an error', async (t) => {
  const { api } = await world(t, (_, response) => response.write(event('ADDED', recorded('a', 'a'))));
  const watching = api.watch(
    '1',
    () => api.close(),
    () => undefined,
  );
  await t.notThrowsAsync(watching);
});

test('rule objects – an object is read as far as it counts, and bounded', (t) => {
  const huge = { rules: ['x'.repeat(300_001)] };
  const lie = { conditions: ['x'.repeat(70_000)] };
  t.is(readRuleObject({ metadata: {} }), undefined);
  t.is(readRuleObject(undefined), undefined);
  t.deepEqual(readRuleObject(recorded('a', 'b', { generation: 'x' }, { rules: [1] })), {
    ...{ key: 'a/b', namespace: 'a', name: 'b', uid: 'uid-of-a-b', generation: 0, resourceVersion: '10' },
    ...{ createdAt: '2026-11-27T12:00:00Z', spec: '{"rules":[1]}', status: undefined },
  });
  t.is(readRuleObject(recorded('a', 'b', {}, huge))?.spec, undefined);
  t.is(readRuleObject({ ...recorded('a', 'b'), status: lie })?.status, undefined);
  t.is(readRuleObject({ metadata: { namespace: 'a', name: 'b' } })?.spec, '{}');
});
