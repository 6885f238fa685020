import test from 'ava';
import { ask as askDoor } from '../http/door-cases.ts';
import { startApp } from '../support/app.ts';
import { createCa } from '../support/ca.ts';
import type { ClientTls } from '../support/client.ts';
import { hasProgram, programTest } from '../support/debian-test.ts';
import { received } from '../support/mesh.ts';
import { startNginx } from '../support/nginx.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { cases } from './cases.ts';
import {
  type Ask,
  CLIENT,
  EVIL,
  forgedIdentity,
  forgedOriginal,
  type Orders,
  published,
  startOrders,
  through,
  withAddresses,
} from './orders.ts';
import { assertAllArrived, startYes } from './yes.ts';

const hasNginx = await hasProgram('nginx');
const nginxTest = await programTest('nginx');

let orders: Orders;
let nginx: PrivateServer;

/** The published configuration before an application, with `more` of what an operator may change. */
async function start(
  door: number,
  app: number,
  more: (text: string) => string = (text) => text,
): Promise<PrivateServer> {
  const server = await orders.ca.server();
  return startNginx({
    listeners: ['https'],
    files: { 'orders.pem': server.certPem, 'orders.key': server.keyPem, 'clients-ca.pem': orders.ca.certPem },
    config: (port) =>
      more(
        withAddresses(published('nginx.conf'), {
          'server 127.0.0.1:9002;': `server 127.0.0.1:${door};`,
          'server 127.0.0.1:8080;': `server 127.0.0.1:${app};`,
          'listen 443 ssl;': `listen 127.0.0.1:${port('https')} ssl;`,
          '/etc/nginx/tls/': '',
        }),
      ),
  });
}

function ask({ who, ...parts }: Ask, by = nginx, tls: ClientTls = orders.clientTls(who)) {
  return through(by.port('https'), parts, tls);
}

test.before(async () => {
  if (!hasNginx) return;
  orders = await startOrders({
    path: '/oauth2/auth',
    proxies: ['127.0.0.1'],
    original: 'x-original',
    certificateHeader: 'x-client-certificate',
  });
  nginx = await start(orders.peerproof.httpPort, orders.app.port);
});

test.after.always(async () => {
  await nginx?.stop();
  await orders?.stop();
});

for (const [name, holds] of Object.entries(cases))
  nginxTest(name, (t) => holds(t, { orders, badRequest: 500, ask }));

nginxTest('a bound token passes with its own certificate, and with no other', async (t) => {
  const token = orders.mint({ cnf: { 'x5t#S256': orders.who.client.thumbprint } });
  const path = '/bound/1';
  const own = await ask({ token, path, who: 'client' });
  t.is(own.status, 200);
  t.deepEqual(received(own, 'x-spiffe-id'), [CLIENT]);
  t.deepEqual(received(own, 'x-client-certificate'), []);
  t.is(orders.lastDecision().peer_from, 'attribute');
  for (const who of ['thief', 'rotated', undefined] as const) {
    const [stolen, reached] = await orders.reaching(() => ask({ token, path, ...(who && { who }) }));
    t.is(stolen.status, 401, who);
    t.is(reached, 0, who);
  }
  const headers = [['X-Client-Certificate', orders.who.client.urlEncodedPem]] as const;
  t.is((await ask({ token, path, who: 'thief', headers })).status, 401);
  t.is(orders.lastDecision().reason, 'binding_certificate_mismatch');
});

nginxTest('a workload is known by its certificate', async (t) => {
  const token = orders.mint();
  t.is((await ask({ token, path: '/workload/1', who: 'client' })).status, 200);
  t.is((await ask({ token, path: '/workload/1', who: 'rotated' })).status, 200);
  t.is((await ask({ token, path: '/workload/1', who: 'thief' })).status, 403);
});

nginxTest('a certificate of another CA reaches nobody', async (t) => {
  const forged = await (await createCa()).svid(CLIENT);
  const before = orders.peerproof.decisions().length;
  const [answer, reached] = await orders.reaching(() =>
    ask({ path: '/public/x' }, nginx, orders.clientTls(forged)),
  );
  t.is(answer.status, 400);
  t.is(reached, 0);
  t.is(orders.peerproof.decisions().length, before);
});

nginxTest('what the proxy demands in its query holds beside the rules', async (t) => {
  const strict = await start(orders.peerproof.httpPort, orders.app.port, (text) =>
    withAddresses(text, { '/oauth2/auth;': '/oauth2/auth?allowed_groups=staff,admins;' }),
  );
  t.teardown(strict.stop);
  t.is((await ask({ token: orders.mint({ groups: ['admins'] }) }, strict)).status, 200);
  t.is((await ask({ token: orders.mint({ groups: ['guests'] }) }, strict)).status, 403);
  // A query of the client is not one of the proxy.
  const path = '/orders/1?allowed_groups=guests';
  t.is((await ask({ token: orders.mint({ groups: ['guests'] }), path }, strict)).status, 403);
  t.is((await ask({ token: orders.mint(), path })).status, 200);
});

nginxTest('headers with _ do not arrive either where the rest of nginx lets them', async (t) => {
  const lax = await start(
    orders.peerproof.httpPort,
    orders.app.port,
    (text) => `underscores_in_headers on; ignore_invalid_headers off; ${text}`,
  );
  t.teardown(lax.stop);
  const answer = await ask({ path: '/public/x', headers: forgedIdentity }, lax);
  t.is(answer.status, 200);
  t.false(answer.body.includes('forged'), answer.body);
});

nginxTest('nobody asks but the proxy', async (t) => {
  t.is((await ask({ path: '/.peerproof', headers: forgedOriginal('/public/x') })).status, 404);
  t.is((await ask({ path: '/%2epeerproof' })).status, 404);
  const check = { target: '/oauth2/auth', headers: forgedOriginal('/public/x') };
  t.is((await askDoor(orders.peerproof.httpPort, check)).status, 202);
  const foreign = await askDoor(orders.peerproof.httpPort, { ...check, from: '127.0.0.2' });
  t.is(foreign.status, 403);
  t.is(orders.lastDecision().reason, 'proxy_not_allowed');
});

nginxTest('every identity header of an answer arrives, and no other of a client', async (t) => {
  const yes = await startYes();
  t.teardown(yes.stop);
  const full = await start(yes.port, orders.app.port);
  t.teardown(full.stop);
  assertAllArrived(t, await ask({ headers: forgedIdentity }, full));
});

// An application that says yes to everything stands in for Peerproof, and tells what it was asked.
nginxTest('Peerproof hears of the original request from nginx alone, and no body', async (t) => {
  const recorder = await startApp();
  t.teardown(recorder.stop);
  const recorded = await start(recorder.port, orders.app.port);
  t.teardown(recorded.stop);
  const headers = [
    ...forgedOriginal('/evil', 'DELETE', 'evil.example'),
    ['X-Forwarded-Client-Cert', 'evil'],
  ] as const;
  const path = '/a//%2e%2e/b?c=d';
  const body = 'GET /smuggled HTTP/1.1\r\nHost: evil.example\r\n\r\n';
  t.is((await ask({ path, headers, body, who: 'client' }, recorded)).json().body, body);
  await ask({ path }, recorded);
  t.is(recorder.seen, 2, 'the body was taken for a request');
  const check = recorder.requests[0];
  t.like(check, { method: 'GET', path: '/oauth2/auth', body: '' });
  t.notRegex(JSON.stringify(check), EVIL);
  const values = (name: string) => check?.headers.filter(([key]) => key === name).map(([, value]) => value);
  t.deepEqual(values('x-original-method'), ['POST']);
  t.deepEqual(values('x-original-uri'), [path]);
  t.deepEqual(values('x-original-host'), ['orders.example.com']);
  t.deepEqual(values('x-client-certificate')?.map(decodeURIComponent), [orders.who.client.certPem]);
  t.deepEqual(values('content-length'), []);
});

nginxTest('while Peerproof is down nothing reaches the application', async (t) => {
  const gone = await startOrders({ path: '/oauth2/auth', proxies: ['127.0.0.1'], original: 'x-original' });
  t.teardown(gone.stop);
  const alone = await start(gone.peerproof.httpPort, orders.app.port);
  t.teardown(alone.stop);
  t.is((await ask({ path: '/public/x' }, alone)).status, 200);
  await gone.stop();
  for (const path of ['/public/x', '/orders/1']) {
    const [answer, reached] = await orders.reaching(() => ask({ path, token: orders.mint() }, alone));
    t.is(answer.status, 500);
    t.is(reached, 0);
  }
});
