import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { openDoors } from '../../src/serve/doors.ts';
import { unreadBy } from '../../src/serve/unread-by.ts';
import { openCheckClient } from '../support/check-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { inlineIssuer } from '../support/token-fixture.ts';

const issuers = { corp: inlineIssuer([createSigner('ES256')]) };
const withCondition = (when?: string, more: object = {}) => ({
  issuers,
  rules: [{ name: 'any', require: { binding: ['none'], ...(when && { when }), ...more } }],
});
const parse = (config: object) => parseConfig(JSON.stringify(config), 'test.yaml');
const unreadOf = (config: object) => unreadBy(parse(config));

test('unread headers of a configuration – those that no step reads', (t) => {
  const unread = unreadOf(withCondition());
  t.true(unread.has('accept') && unread.has(':path'));
  for (const name of ['authorization', 'content-type', 'traceparent', 'user-agent', 'x-request-id'])
    t.false(unread.has(name), name);
});

test('unread headers of a configuration – a header of a condition is read', (t) => {
  const unread = unreadOf(withCondition("request.headers['accept'] == 'text/html'"));
  t.false(unread.has('accept'));
  t.true(unread.has('origin'));
});

test('unread headers of a configuration – a condition that reads any header reads all', (t) => {
  t.is(unreadOf(withCondition("request.headers.exists(name, name == 'accept')")).size, 0);
});

test('unread headers of a configuration – a condition of a workload counts', (t) => {
  const { rules } = withCondition("'origin' in request.headers");
  const workloads = {
    orders: { destinations: ['spiffe://cluster.local/ns/applications/sa/orders'], rules },
  };
  t.false(unreadOf({ issuers, rules: [], workloads }).has('origin'));
});

test('unread headers of a configuration – a spelling of a managed header is read', (t) => {
  const unread = unreadOf({ ...withCondition(), identity: { headers: { '-path': false, origin: false } } });
  t.false(unread.has(':path') || unread.has('origin'));
  t.true(unread.has(':method'));
});

test('unread headers of a configuration – its shadow reads too', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-unread-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, config: object) => writeFileSync(join(folder, name), JSON.stringify(config));
  write('next.yaml', withCondition("request.headers['accept'] == 'text/html'"));
  write('peerproof.yaml', { ...withCondition(), shadow: { file: 'next.yaml' } });
  const unread = unreadBy(loadConfig(join(folder, 'peerproof.yaml')));
  t.false(unread.has('accept'));
  t.true(unread.has('origin'));
});

test('unread headers of a configuration – a reload changes what the open door passes over', async (t) => {
  const asked: Evidence[] = [];
  const listen = { grpc: '127.0.0.1:0' };
  const before = { ...withCondition(), listen };
  const after = { ...withCondition("'accept' in request.headers"), listen };
  const doors = await openDoors(
    parse(before),
    (evidence) => {
      asked.push(evidence);
      return { id: '', effect: 'deny', reason: 'token_missing', detail: '', found: {} };
    },
    Date.now,
    { needsBody: () => false, resources: () => undefined, published: () => undefined },
  );
  const client = openCheckClient(doors.grpc.port);
  t.teardown(async () => {
    client.close();
    await doors.grpc.close(0);
  });
  const headers = { accept: 'a', 'x-tenant': 'b' };
  const request = { attributes: { request: { http: { method: 'GET', path: '/', host: 'a', headers } } } };
  await client.check(request);
  doors.adopt(parse(after));
  await client.check(request);
  doors.adopt(parse(before));
  await client.check(request);
  t.deepEqual(
    asked.map((evidence) => ({ ...evidence.request?.headers })),
    [{ 'x-tenant': 'b' }, headers, { 'x-tenant': 'b' }],
  );
});
