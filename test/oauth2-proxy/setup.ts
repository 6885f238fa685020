import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';
import {
  answers,
  carries,
  claims,
  corp,
  isEmptyJson,
  isText,
  main,
  migrated,
  now,
  passes,
  refused,
  type Shows,
  send,
  sign,
  signByPartner,
  startWorld,
} from './world.ts';

/** An issuer on the network, and a Peerproof that knows it. */
async function withIssuer(t: ExecutionContext, more: Partial<NonNullable<ConfigInput['issuers']>[string]>) {
  const signer = createSigner('RS256');
  const server = await startJwksServer({ signers: [signer] });
  t.teardown(() => server.stop());
  const remote = { issuer: server.issuer, jwksUri: server.jwksUri, audiences: ['orders'], ...more };
  const world = await startWorld({ issuers: { ...migrated.issuers, remote } });
  return { signer, server, world, claims: () => claims({ iss: server.issuer }) };
}

/** Paths, flags and what happens around the checks. */
export const setup: Shows<
  | 'its own paths'
  | 'requests to /oauth2/auth, /oauth2/userinfo'
  | 'headers that are not set'
  | 'who describes the original request'
  | 'skip-auth-preflight'
  | 'skip-auth-routes'
  | 'a valid token on a skip-auth route'
  | 'an invalid token on a skip-auth route'
  | 'the flags of bearer mode'
  | 'the log'
  | 'a bad signature'
  | 'withdrawn keys'
  | 'rules'
  | 'each issuer'
  | 'secrets'
> = {
  async 'its own paths'(t) {
    for (const path of ['/robots.txt', '/ping', '/ready', '/oauth2/static/x.css', '/oauth2/sign_in']) {
      await answers(t, { path }, refused);
      await answers(t, { path, token: sign() }, passes);
      // Without the prefix it is no check of Envoy, and nothing else either.
      t.is((await send(main.peerproof.httpPort, 'GET', path, { host: 'peerproof' })).status, 400);
    }
    // Health has a port of its own.
    t.is((await main.peerproof.page('/healthz')).status, 200);
    t.is((await main.peerproof.page('/readyz')).status, 200);
  },
  async 'requests to /oauth2/auth, /oauth2/userinfo'(t) {
    for (const path of ['/oauth2/auth', '/oauth2/userinfo', '/oauth2/auth?allowed_groups=x']) {
      await answers(t, { path, token: sign() }, passes);
      await answers(t, { path }, refused);
      const { body } = await main.check({ path, token: sign() });
      t.is(body, 'Authenticated');
    }
  },
  async 'headers that are not set'(t) {
    const sent = {
      'x-auth-request-groups': 'admin',
      x_auth_request_groups: 'admin',
      'x-auth_request-user': 'root',
    };
    const { headers } = await main.check({ token: sign(), headers: sent });
    const removed = (headers['x-envoy-auth-headers-to-remove'] ?? '').split(',').map((name) => name.trim());
    for (const name of [
      ...Object.keys(sent),
      'x-forwarded-groups',
      'x_forwarded_user',
      'x_auth_request_user',
    ])
      t.true(removed.includes(name), name);
    // Envoy would remove what is set, too.
    for (const name of Object.keys(headers)) t.false(removed.includes(name), name);
  },
  async 'who describes the original request'(t) {
    const lies = {
      'x-forwarded-uri': '/healthz',
      'x-original-uri': '/healthz',
      'x-forwarded-host': 'a.example',
    };
    t.is((await main.check({ headers: lies })).status, 401);
    t.is((await main.auth({ headers: { 'x-forwarded-uri': '/healthz' } })).status, 401);
    const stranger = await startWorld({
      http: { forwardAuth: [{ path: '/oauth2/auth', proxies: ['192.0.2.1'], original: 'x-original' }] },
    });
    isText(t, await stranger.auth({ token: sign() }), 403, 'Forbidden');
    const { httpPort } = main.peerproof;
    for (const missing of ['x-original-method', 'x-original-uri', 'x-original-host']) {
      const all = {
        'x-original-method': 'GET',
        'x-original-uri': '/healthz',
        'x-original-host': 'a.example',
      };
      const left = Object.fromEntries(Object.entries(all).filter(([name]) => name !== missing));
      isText(t, await send(httpPort, 'GET', '/oauth2/auth', left), 400, 'Bad Request');
      t.is((await send(httpPort, 'GET', '/oauth2/auth', all)).status, 202);
    }
  },
  async 'skip-auth-preflight'(t) {
    await answers(t, { method: 'OPTIONS' }, passes);
    await answers(t, { method: 'OPTIONS', path: '/anything' }, passes);
  },
  async 'skip-auth-routes'(t) {
    for (const path of ['/healthz', '/assets/app.js']) await answers(t, { path }, passes);
    for (const path of ['/healthz2', '/x/healthz', '/assets/a/b', '/orders?/healthz'])
      await answers(t, { path }, refused);
    await answers(t, { path: '/healthz/../admin/x' }, [400, 400]);
  },
  async 'a valid token on a skip-auth route'(t) {
    await carries(t, { path: '/healthz', token: sign() }, { 'x-forwarded-user': 'alice' });
    await answers(t, { path: '/healthz', authorization: 'Basic YTpi' }, passes);
  },
  async 'an invalid token on a skip-auth route'(t) {
    await answers(t, { path: '/healthz', token: sign({ exp: now() - 600 }) }, refused);
    await answers(t, { path: '/healthz', token: `${sign().slice(0, -20)}${'A'.repeat(20)}` }, refused);
    await answers(t, { path: '/healthz', authorization: 'Bearer a b' }, [400, 400]);
  },
  async 'the flags of bearer mode'(t) {
    const world = await startWorld({ identity: { preset: 'oauth2-proxy' } });
    const set = { 'x-auth-request-user': 'alice', 'x-forwarded-user': 'alice', 'gap-auth': 'alice' };
    await carries(t, { token: sign() }, set, world);
    isEmptyJson(t, await world.check(), 401);
  },
  async 'the log'(t) {
    const path = '/the-log';
    await main.check({ path, token: sign({ exp: now() - 600 }) });
    await main.auth({ path, token: sign() });
    const lines = main.peerproof.decisions().filter((line) => line.path === path);
    t.like(lines[0], { effect: 'deny', reason: 'token_expired', door: 'http', subject: 'alice' });
    t.regex(lines[0].detail, /^expired \d{4}-/);
    t.like(lines[1], { effect: 'allow', reason: 'allowed', door: 'forward-auth', rule: 'any' });
    t.is(lines.length, 2);
  },
  async 'a bad signature'(t) {
    const { signer, server, world, claims: its } = await withIssuer(t, { coolDown: '1h' });
    await answers(t, { token: signer.sign(its()) }, passes, world);
    const before = server.count(server.paths.jwks);
    const strangers = Array.from({ length: 10 }, () => createSigner('ES256').sign(its()));
    const forged = createSigner('RS256').sign(its(), { kid: signer.kid });
    for (const token of [...strangers, forged]) await answers(t, { token }, refused, world);
    t.true(server.count(server.paths.jwks) - before <= 1);
  },
  async 'withdrawn keys'(t) {
    const { signer, server, world, claims: its } = await withIssuer(t, { refresh: '200ms' });
    const token = signer.sign(its());
    await answers(t, { token }, passes, world);
    server.setKeys([createSigner('RS256')]);
    await waitFor(
      'the withdrawn key is gone',
      10_000,
      async () => (await world.check({ token })).status === 401,
    );
    await answers(t, { token }, refused, world);
  },
  async rules(t) {
    const good = { scope: 'orders.write', tenant: 'blue' };
    const write = { path: '/write/x', method: 'POST' };
    await answers(t, { ...write, token: sign(good) }, passes);
    for (const missing of ['scope', 'tenant'])
      await answers(t, { ...write, token: sign({ ...good, [missing]: undefined }) }, [403, 403]);
    await answers(t, { path: '/write/x', token: sign() }, passes);
  },
  async 'each issuer'(t) {
    const write = { path: '/write/x', method: 'POST' };
    const good = { scope: 'orders.write', tenant: 'blue' };
    await answers(t, { ...write, token: signByPartner(good) }, [403, 403]);
    const { signer, server, world, claims: its } = await withIssuer(t, {});
    await answers(t, { token: signer.sign(its()) }, passes, world);
    t.is(server.count(server.paths.openid), 0);
  },
  async secrets(t) {
    t.notRegex(JSON.stringify(migrated), /secret|password/i);
    const world = await startWorld({
      issuers: { corp: inlineIssuer([corp]) },
      rules: [{ name: 'any', require: { binding: ['none'] } }],
    });
    await answers(t, { token: sign() }, passes, world);
  },
};
