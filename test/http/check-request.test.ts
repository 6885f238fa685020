import test from 'ava';
import { evidenceOfCheck } from '../../src/http/check-request.ts';
import { asked, checkOf, nothingElse } from './check-cases.ts';

/** Envoy's HTTP ext_authz: the original request under a prefix (`path_prefix`), put together as texts. */

test('HTTP check – method, host, path and headers are those of the original request', (t) => {
  const headers = { authorization: 'Bearer abc', 'x-tenant': 'blue' };
  const check = checkOf({
    method: 'POST',
    host: 'Orders.example.com:8443',
    target: '/check/orders?x=1#y',
    headers,
  });
  t.deepEqual(asked(evidenceOfCheck(check, '/check', 'none')), {
    request: { method: 'POST', host: 'Orders.example.com:8443', path: '/orders?x=1#y', headers },
    ...nothingElse,
  });
});

test('HTTP check – an empty prefix takes the path as it is', (t) => {
  for (const target of ['/', '/orders', '//orders', '/check/orders', '*', 'http://evil.example/x', ''])
    t.is(evidenceOfCheck(checkOf({ target }), '', 'none').request?.path, target);
});

/** What follows the prefix has to begin a path, or it would be another path that the proxy put together. */
const underPrefix: [target: string, path: string][] = [
  ['/check/', '/'],
  ['/check/orders', '/orders'],
  ['/check/?x=1', '/?x=1'],
  ['/check//x', '//x'],
  ['/check///', '///'],
  ['/check/../admin', '/../admin'],
  ['/check/..;/admin', '/..;/admin'],
  ['/check/%2e%2e/admin', '/%2e%2e/admin'],
  ['/check/check/orders', '/check/orders'],
  ['/check/http://evil.example/x', '/http://evil.example/x'],
  ['/check/#/x', '/#/x'],
];
for (const [target, path] of underPrefix)
  test(`HTTP check – /check is cut off ${target} once, and nothing is repaired`, (t) => {
    const evidence = evidenceOfCheck(checkOf({ target }), '/check', 'none');
    t.is(evidence.flaw, undefined);
    t.is(evidence.request?.path, path);
  });

const elsewhere = [
  ...['', '/', '*', 'check/x', '/check', '/check?x=1', '/check#/x', '/check;/x', '/check*'],
  ...['/checkx', '/checkx/orders', '/check.', '/check%2Forders', '/check\\orders', '/chec/k/orders'],
  ...['//check/x', '/./check/x', '/x/../check/x', '/Check/x', '/CHECK/x', '/%63heck/x', '/orders'],
  ...['/orders?/check/x', ' /check/x', '\t/check/x', '/orders/check/x'],
  ...['http://check/x', 'http://orders.example.com/check/x', 'https://orders.example.com/check/x'],
  ...['/healthz', '/metrics', '/robots.txt'],
];
for (const target of elsewhere)
  test(`HTTP check – ${JSON.stringify(target)} is not under /check`, (t) => {
    const evidence = evidenceOfCheck(checkOf({ target }), '/check', 'none');
    t.is(evidence.flaw?.reason, 'request_malformed');
    t.regex(evidence.flaw?.detail ?? '', /http\.pathPrefix is \/check$/);
    // The log still shows what came.
    t.is(evidence.request?.path, target);
  });

for (const target of ['/', '/orders', '/check/orders', '/undefined/orders', 'undefined/orders', ''])
  test(`HTTP check – without a prefix beside forwardAuth none is served, not even ${JSON.stringify(target)}`, (t) => {
    const { flaw } = evidenceOfCheck(checkOf({ target }), undefined, 'none');
    t.is(flaw?.reason, 'request_malformed');
    t.regex(flaw?.detail ?? '', /http\.pathPrefix is not set$/);
  });

test('HTTP check – a prefix of several segments is one text', (t) => {
  const path = (target: string) => {
    const { flaw, request } = evidenceOfCheck(checkOf({ target }), '/a/b.c', 'none');
    return flaw ? flaw.reason : request?.path;
  };
  t.is(path('/a/b.c/orders'), '/orders');
  t.is(path('/a/bxc/orders'), 'request_malformed');
  t.is(path('/a/orders'), 'request_malformed');
  t.is(path('/a//b.c/orders'), 'request_malformed');
});

test('HTTP check – no header takes part in what is asked', (t) => {
  const headers = {
    'x-original-method': 'GET',
    'x-original-uri': '/public',
    'x-original-url': 'http://evil.example/public',
    'x-original-host': 'evil.example',
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/public',
    'x-forwarded-host': 'evil.example',
    'x-envoy-original-path': '/public',
    'x-http-method-override': 'GET',
    forwarded: 'host=evil.example',
    host: 'evil.example',
    ':path': '/public',
    ':authority': 'evil.example',
  };
  const { request } = evidenceOfCheck(
    checkOf({ method: 'DELETE', target: '/check/x', headers }),
    '/check',
    'none',
  );
  t.like(request, { method: 'DELETE', host: 'orders.example.com', path: '/x' });
});

test('HTTP check – the query sets no requirements, and the body is ignored', (t) => {
  const evidence = evidenceOfCheck(checkOf({ target: '/check/x?allowed_groups=admins' }), '/check', 'none');
  t.false('demands' in evidence);
  t.false('body' in (evidence.request ?? {}));
});

for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
  test(`HTTP check – a header called ${name} is a header like any other`, (t) => {
    const headers: Record<string, string> = Object.create(null);
    headers[name] = 'x';
    headers['x-a'] = 'b';
    for (const xfcc of ['none', 'direct'] as const) {
      const { request } = evidenceOfCheck(checkOf({ headers }), '', xfcc);
      t.is(request?.headers[name], 'x');
      t.is(request?.headers['x-a'], 'b');
      t.is(request?.headers.authorization, undefined);
    }
    t.is(({} as Record<string, unknown>)['x-a'], undefined);
  });

test('HTTP check – what was handed in is left as it was', (t) => {
  const headers = Object.freeze({ 'x-forwarded-client-cert': 'By=a;Hash=b', authorization: 'Bearer x' });
  for (const xfcc of ['none', 'direct', { sidecar: 'a' }] as const)
    t.notThrows(() => evidenceOfCheck(Object.freeze(checkOf({ headers })), '', xfcc));
  t.is(headers['x-forwarded-client-cert'], 'By=a;Hash=b');
});
