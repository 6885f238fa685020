import test from 'ava';
import { ask as askDoor } from '../http/door-cases.ts';
import { startApp } from '../support/app.ts';
import { startCaddy } from '../support/caddy.ts';
import { hasProgram, programTest } from '../support/debian-test.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { cases } from './cases.ts';
import {
  type Ask,
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

const hasCaddy = await hasProgram('caddy');
const caddyTest = await programTest('caddy');

const endpoint = { path: '/oauth2/auth', proxies: ['127.0.0.1'], original: 'x-forwarded' as const };

let orders: Orders;
let caddy: PrivateServer;

/** The published configuration before an application, with `more` of what an operator may change. */
function start(
  door: number,
  app: number,
  more: (text: string) => string = (text) => text,
): Promise<PrivateServer> {
  return startCaddy({
    listeners: ['http'],
    config: (port) =>
      more(
        withAddresses(published('Caddyfile'), {
          'forward_auth 127.0.0.1:9002 {': `forward_auth 127.0.0.1:${door} {`,
          'reverse_proxy 127.0.0.1:8080': `reverse_proxy 127.0.0.1:${app}`,
          'orders.example.com {': `http://:${port('http')} {`,
        }),
      ),
  });
}

function ask(parts: Ask, by = caddy) {
  return through(by.port('http'), parts);
}

test.before(async () => {
  if (!hasCaddy) return;
  orders = await startOrders(endpoint);
  caddy = await start(orders.peerproof.httpPort, orders.app.port);
});

test.after.always(async () => {
  await caddy?.stop();
  await orders?.stop();
});

for (const [name, holds] of Object.entries(cases))
  caddyTest(name, (t) => holds(t, { orders, badRequest: 400, ask }));

caddyTest('a refusal arrives as Peerproof says it', async (t) => {
  const answer = await ask({});
  t.is(answer.header('content-type'), 'application/json');
  t.is(answer.json().decision_id, orders.lastDecision().decision_id);
});

caddyTest(
  'what the proxy demands in its query holds beside the rules, and no query of a client',
  async (t) => {
    const strict = await start(orders.peerproof.httpPort, orders.app.port, (text) =>
      withAddresses(text, { 'uri /oauth2/auth?': 'uri /oauth2/auth?allowed_groups=staff,admins' }),
    );
    t.teardown(strict.stop);
    t.is((await ask({ token: orders.mint({ groups: ['admins'] }) }, strict)).status, 200);
    t.is((await ask({ token: orders.mint({ groups: ['guests'] }) }, strict)).status, 403);
    const path = '/orders/1?allowed_groups=guests';
    t.is((await ask({ token: orders.mint({ groups: ['guests'] }), path }, strict)).status, 403);
    t.is((await ask({ token: orders.mint(), path })).status, 200);
  },
);

caddyTest('nobody asks but the proxy', async (t) => {
  const check = { target: '/oauth2/auth', headers: forgedOriginal('/public/x') };
  t.is((await askDoor(orders.peerproof.httpPort, check)).status, 202);
  const foreign = await askDoor(orders.peerproof.httpPort, { ...check, from: '127.0.0.2' });
  t.is(foreign.status, 403);
  t.is(orders.lastDecision().reason, 'proxy_not_allowed');
});

caddyTest('every identity header of an answer arrives, and no other of a client', async (t) => {
  const yes = await startYes();
  t.teardown(yes.stop);
  const full = await start(yes.port, orders.app.port);
  t.teardown(full.stop);
  assertAllArrived(t, await ask({ headers: forgedIdentity }, full));
});

caddyTest('the host that is judged is no word of a proxy before Caddy, even of a trusted one', async (t) => {
  const trusting = await start(orders.peerproof.httpPort, orders.app.port, (text) =>
    withAddresses(text, { 'uri /oauth2/auth?': 'uri /oauth2/auth?\n\t\t\ttrusted_proxies private_ranges' }),
  );
  t.teardown(trusting.stop);
  const headers = [['host', 'admin.example.com'], ...forgedOriginal('/orders/1')] as const;
  t.is((await ask({ token: orders.mint(), headers }, trusting)).status, 403);
  t.is(orders.lastDecision().rule, 'admin');
});

// An application that says yes to everything stands in for Peerproof, and tells what it was asked.
caddyTest('Peerproof hears of the original request from Caddy alone, and no body', async (t) => {
  const recorder = await startApp();
  t.teardown(recorder.stop);
  const recorded = await start(recorder.port, orders.app.port);
  t.teardown(recorded.stop);
  const headers = [...forgedOriginal('/evil', 'DELETE', 'evil.example'), ...forgedIdentity];
  const path = '/a//%2e%2e/b?c=d';
  t.is((await ask({ path, headers, body: 'hello' }, recorded)).json().body, 'hello');
  const check = recorder.requests[0];
  t.like(check, { method: 'GET', path: '/oauth2/auth', body: '' });
  t.notRegex(JSON.stringify(check), EVIL);
  t.notRegex(JSON.stringify(check), /forged/);
  const values = (name: string) => check?.headers.filter(([key]) => key === name).map(([, value]) => value);
  t.deepEqual(values('x-forwarded-method'), ['POST']);
  t.deepEqual(values('x-forwarded-uri'), [path]);
  t.deepEqual(values('x-forwarded-host'), ['orders.example.com']);
  t.deepEqual(values('content-length'), []);
});

caddyTest('while Peerproof is down nothing reaches the application', async (t) => {
  const gone = await startOrders(endpoint);
  t.teardown(gone.stop);
  const alone = await start(gone.peerproof.httpPort, orders.app.port);
  t.teardown(alone.stop);
  t.is((await ask({ path: '/public/x' }, alone)).status, 200);
  await gone.stop();
  for (const path of ['/public/x', '/orders/1']) {
    const [answer, reached] = await orders.reaching(() => ask({ path, token: orders.mint() }, alone));
    t.is(answer.status, 502);
    t.is(reached, 0);
  }
});
