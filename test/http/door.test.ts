import test, { type ExecutionContext } from 'ava';
import { openClient } from '../support/client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { inlineIssuer } from '../support/token-fixture.ts';
import { ask, type Heard, setups } from './door-cases.ts';

/**
 * No path of the HTTP port lets anybody in without a token: a check of Envoy's ext_authz that gets a 200 is an allow,
 * so a page of our own would be a hole in every application behind it (oauth2-proxy#3083).
 */

const presets = ['standard', 'oauth2-proxy'] as const;
const signer = createSigner('ES256');
const running = new Map<string, Peerproof>();

for (const preset of presets)
  for (const [title, { http }] of Object.entries(setups))
    running.set(
      `${preset}, ${title}`,
      await startPeerproof({
        issuers: { corp: inlineIssuer([signer]) },
        identity: { preset },
        http,
        rules: [{ name: 'all', require: { binding: ['none'] } }],
      }),
    );
await Promise.all([...running.values()].map(({ ready }) => ready));
test.after.always(() => Promise.all([...running.values()].map(({ drain }) => drain())));

/** Paths that services of this kind answer themselves, and such that some reader takes for them. */
const pages = [
  ...['/', '/robots.txt', '/ping', '/ready', '/oauth2/static/x', '/oauth2/sign_in', '/oauth2/userinfo'],
  ...['/oauth2/callback', '/oauth2/auth/', '/OAUTH2/auth', '/oauth2/authx', '/healthz', '/readyz', '/livez'],
  ...['/metrics', '/favicon.ico', '/.well-known/jwks.json', '/index.html', '/check', '/check/', '/checkx'],
];
const ambiguous = [
  ...['//', '/..;/', '/.', '/..', '//oauth2/auth', '/./oauth2/auth', '/x/../oauth2/auth', '/oauth2%2Fauth'],
  ...['/oauth2/auth;', '/oauth2/auth;x=1', '/oauth2/auth#', '/oauth2\\auth', '/%', '/%00', '*'],
  ...['http://127.0.0.1/ping', 'http://orders.example.com/oauth2/auth', 'https://orders.example.com/'],
];
/** The one path that is a check by itself where forwardAuth is set up. */
const asking = ['/oauth2/auth', '/oauth2/auth?', '/oauth2/auth?allowed_groups=x', '/oauth2/auth?x#'];

let number = 0;

/** Asks over both protocols; the answers must say the same. */
async function both(t: ExecutionContext, name: string, target: string, method = 'GET') {
  const { httpPort, decisions } = running.get(name) as Peerproof;
  const id = `request-${++number}`;
  const headers = [['x-request-id', id]] as const;
  const heard = await ask(httpPort, { method, target, headers });
  const client = openClient({ port: httpPort, protocol: 'h2' });
  const again = client.request({ method, path: target, headers });
  // HTTP/2 itself refuses a path without a slash (RFC 9113 §8.3.1).
  const known = target.startsWith('/') || method === 'OPTIONS';
  if (known) t.is((await again).status, heard.status, 'h1 and h2 differ');
  else await t.throwsAsync(again, { message: /PROTOCOL_ERROR/ });
  client.close();
  const lines = decisions().filter(({ request_id }) => request_id === id);
  t.is(lines.length, known ? 2 : 1);
  t.is(lines.at(-1).reason, lines[0].reason);
  return { heard, line: lines[0] };
}

function isRefusal(t: ExecutionContext, preset: string, { status, headers, body }: Heard, door: string) {
  t.true([400, 401, 403].includes(status), `${status}`);
  t.is(headers['x-envoy-auth-headers-to-remove'], undefined);
  t.is(headers['cache-control'], 'no-store');
  if (preset === 'standard') t.deepEqual(Object.keys(JSON.parse(body)).length, 3);
  else t.is(body, door === 'http' ? '{}' : `${{ 400: 'Bad Request', 401: 'Unauthorized' }[status]}\n`);
  t.is('www-authenticate' in headers, status !== 403);
}

for (const preset of presets)
  for (const [title, { prefix }] of Object.entries(setups)) {
    const name = `${preset}, ${title}`;
    const open = title.startsWith('with forwardAuth');

    for (const target of [...pages, ...ambiguous, ...(open ? [] : asking)])
      test.serial(`HTTP door – ${name}: ${target} without a token is refused`, async (t) => {
        const { heard, line } = await both(t, name, target);
        const inside = prefix !== undefined && target.startsWith(`${prefix}/`);
        const wanted = prefix === '' && ambiguous.includes(target) ? 'path_ambiguous' : 'token_missing';
        const reason = prefix === '' || inside ? wanted : 'request_malformed';
        t.is(line.reason, reason, line.detail);
        t.like(line, { door: 'http', effect: 'deny' });
        isRefusal(t, preset, heard, 'http');
      });

    if (prefix)
      for (const target of [...pages, ...ambiguous, ...asking])
        test.serial(`HTTP door – ${name}: ${prefix} and ${target} without a token is refused`, async (t) => {
          const { heard, line } = await both(t, name, `${prefix}${target}`);
          const path = target.startsWith('/');
          const reason = ambiguous.includes(target) ? 'path_ambiguous' : 'token_missing';
          t.is(line.reason, path ? reason : 'request_malformed', line.detail);
          t.like(line, { door: 'http', effect: 'deny' });
          isRefusal(t, preset, heard, 'http');
        });

    if (open)
      for (const target of asking)
        test.serial(
          `HTTP door – ${name}: ${target} does not describe a request, and is refused`,
          async (t) => {
            const { heard, line } = await both(t, name, target);
            t.is(line.reason, 'request_malformed');
            t.is(line.door, 'forward-auth');
            isRefusal(t, preset, heard, 'forward-auth');
          },
        );

    for (const method of ['OPTIONS', 'HEAD', 'POST', 'TRACE', 'PROPFIND', 'DELETE', 'M-SEARCH'])
      test.serial(`HTTP door – ${name}: ${method} without a token is refused`, async (t) => {
        const { heard, line } = await both(t, name, `${prefix ?? ''}/ping`, method);
        t.is(line.reason, prefix === undefined ? 'request_malformed' : 'token_missing');
        t.is(line.method, method);
        if (method === 'HEAD') t.is(heard.body, '');
        else isRefusal(t, preset, heard, 'http');
      });

    test.serial(`HTTP door – ${name}: OPTIONS * is refused`, async (t) => {
      const { heard, line } = await both(t, name, '*', 'OPTIONS');
      t.is(line.reason, prefix === '' ? 'path_ambiguous' : 'request_malformed');
      isRefusal(t, preset, heard, 'http');
    });

    test.serial(`HTTP door – ${name}: a malformed request is refused without a check`, async (t) => {
      const { httpPort, decisions } = running.get(name) as Peerproof;
      const before = decisions().length;
      for (const target of ['oauth2/auth', '?', 'ping', '/ping HTTP/1.1', ''])
        t.is((await ask(httpPort, { target })).status, 400, target);
      t.is(decisions().length, before);
    });

    test.serial(`HTTP door – ${name}: CONNECT is refused and opens no tunnel`, async (t) => {
      const { httpPort } = running.get(name) as Peerproof;
      for (const target of ['orders.example.com:443', '/', '/oauth2/auth', '*']) {
        const heard = await ask(httpPort, { method: 'CONNECT', target });
        t.true([400, 403].includes(heard.status), `${target}: ${heard.status}`);
      }
    });
  }
