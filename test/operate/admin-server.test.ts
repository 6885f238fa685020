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
  test.serial(`admin – ${method} changes nothing, because there is nothing to change`, async (t) => {
    t.is((await get('/healthz', method)).status, 404);
  });
