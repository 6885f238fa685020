import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { openPushDoor } from '../../src/events/push-door.ts';
import type { ReceiveEvent } from '../../src/events/receive-event.ts';
import { createCa } from '../support/ca.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { request } from '../support/client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { freePort } from '../support/ports.ts';
import { anyBearer, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import { AUDIENCE, createWorld, eventToken, IDP, signer, transmitter, userOf } from './events.ts';

const type = 'application/secevent+jwt';
const token = 'the-token-of-the-transmitter';
const good = { 'content-type': type, authorization: `Bearer ${token}` };

async function start(t: ExecutionContext, receive?: ReceiveEvent) {
  const world = createWorld();
  const transmitters = new Map([['/idp', { transmitter, token }]]);
  const door = await openPushDoor({
    ...{ host: '127.0.0.1', port: 0, receive: receive ?? world.receive, transmitters: () => transmitters },
  });
  t.teardown(door.close);
  const push = (
    body: string | Buffer,
    headers: Record<string, string> = good,
    path = '/idp',
    method = 'POST',
  ) => fetch(`http://127.0.0.1:${door.port}${path}`, { method, headers, ...(method === 'POST' && { body }) });
  return { ...world, push, port: door.port };
}

test('push door – a token is taken with 202, and one that is wrong is refused with 400 (RFC 8935 §2.2 to §2.4)', async (t) => {
  const { push, added } = await start(t);
  const taken = await push(eventToken());
  t.deepEqual([taken.status, await taken.text()], [202, '']);
  t.is(added.length, 1);
  const refused = await push(eventToken({ aud: 'another' }));
  t.is(refused.status, 400);
  t.is(refused.headers.get('content-type'), 'application/json');
  t.deepEqual(await refused.json(), { err: 'invalid_audience', description: 'aud is another' });
});

const strangers: readonly [what: string, headers: Record<string, string>, path?: string][] = [
  ['no token', { 'content-type': type }],
  ['another token', { ...good, authorization: 'Bearer another' }],
  ['a longer token', { ...good, authorization: `Bearer ${token}x` }],
  ['an empty token', { ...good, authorization: 'Bearer ' }],
  ['another scheme', { ...good, authorization: `Basic ${token}` }],
  ['an unknown path', good, '/another'],
  ['a path that is inherited', good, '/constructor'],
  ['a query', good, '/idp?x'],
];
for (const [what, headers, path] of strangers)
  test(`push door – ${what} gets 401, and its body is not read`, async (t) => {
    const { push, results } = await start(t);
    const answer = await push(eventToken(), headers, path);
    t.is(answer.status, 401);
    t.is(((await answer.json()) as { err: string }).err, 'authentication_failed');
    t.deepEqual(results, []);
  });

test('push door – other methods and types are refused', async (t) => {
  const { push, results } = await start(t);
  t.is((await push('', good, '/idp', 'GET')).status, 405);
  for (const wrong of ['application/jwt', 'application/json', 'application/secevent+jwtx'])
    t.is((await push(eventToken(), { ...good, 'content-type': wrong })).status, 415);
  t.is((await push(eventToken(), { ...good, 'content-type': `${type}; charset=utf-8` })).status, 202);
  t.deepEqual(results, ['revoked']);
});

test('push door – a body of more than 64 KiB is refused, with and without its length', async (t) => {
  const { push, port, results } = await start(t);
  const large = 'x'.repeat(65_537);
  const answer = await push(large);
  t.is(answer.status, 400);
  t.regex(((await answer.json()) as { description: string }).description, /larger than 65536 bytes/);
  const socket = connect(port, '127.0.0.1');
  const heard = readAll(socket);
  socket.write(
    `POST /idp HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: ${type}\r\n`,
  );
  socket.write(`transfer-encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n${large}\r\n`);
  t.regex(await heard, /^HTTP\/1\.1 400 /);
  t.is((await push(Buffer.from([0xff, 0xfe]))).status, 400);
  t.deepEqual(results, []);
});

test('push door – one who does not end its head is sent away after seconds', async (t) => {
  const { port } = await start(t);
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.resume().write('POST /idp HTTP/1.1\r\nhost: x\r\n');
  const drip = setInterval(() => socket.write('x: y\r\n'), 500);
  const began = performance.now();
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(drip);
  t.true(performance.now() - began < 20_000);
});

test('push door – what cannot be kept now gets 503, so that it is sent again', async (t) => {
  const { push } = await start(t, () => Promise.reject(new Error('the store is gone: secret')));
  const answer = await push(eventToken());
  t.is(answer.status, 503);
  t.is(answer.headers.get('retry-after'), '5');
  t.is(await answer.text(), '');
});

test('push door – an event of an issuer reaches the checks of a service, over TLS', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const ca = await createCa();
  const { certPem, keyPem } = await ca.server();
  const users = createSigner('ES256');
  const port = await freePort();
  const service = await startPeerproof({
    listen: { events: `127.0.0.1:${port}` },
    issuers: {
      login: inlineIssuer([users]),
      other: inlineIssuer([users], { issuer: 'https://other.example.com' }),
    },
    revocation: {
      file: file('revocations.jsonl', ''),
      tls: { certFile: file('tls.pem', certPem), keyFile: file('tls.key', keyPem) },
      transmitters: {
        idp: {
          ...{
            issuer: IDP,
            audience: AUDIENCE,
            speaksFor: ['login'],
            tokenFile: file('token', `${token}\n`),
          },
          jwks: { keys: [signer.publicJwk] },
        },
      },
    },
    rules: [anyBearer],
  });
  t.teardown(service.drain);
  await service.ready;
  const serving = service.lines.find((line) => line.includes('"event":"serving"'));
  t.like(JSON.parse(serving ?? '{}'), { events: port });
  const now = Math.floor(Date.now() / 1000);
  const client = openCheckClient(service.grpcPort);
  t.teardown(client.close);
  const ask = async (claims: object = {}) =>
    (
      await client.check(
        httpCheck(
          users.sign({
            ...{
              iss: 'https://login.example.com',
              aud: 'orders',
              sub: 'alice',
              iat: now - 20,
              exp: now + 300,
            },
            ...claims,
          }),
        ),
      )
    ).status.message;
  t.is(await ask(), 'allowed');
  const push = (sub: object) =>
    request(
      { port, tls: { caPem: ca.certPem } },
      {
        ...{ method: 'POST', path: '/idp', headers: Object.entries(good) },
        body: eventToken({
          iat: now,
          sub_id: sub,
          events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} },
        }),
      },
    );
  const event = { ...userOf('alice'), iss: 'https://login.example.com' };
  t.is((await push(event)).status, 202);
  await waitFor('the event', 2_000, async () => (await ask()) === 'token_revoked');
  t.is(await ask({ iat: now + 1 }), 'allowed');
  t.is(await ask({ iss: 'https://other.example.com' }), 'allowed');
  t.is(await service.metric('peerproof_security_events_total', { transmitter: 'idp', result: 'revoked' }), 1);
  t.is(await service.metric('peerproof_revocations', { place: 'file' }), 1);
});
