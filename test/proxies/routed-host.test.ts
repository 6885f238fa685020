import { connect } from 'node:net';
import test from 'ava';
import { hasProgram, programTest } from '../support/debian-test.ts';
import { type Mesh, startMesh } from '../support/mesh.ts';
import { startNginx } from '../support/nginx.ts';
import type { PrivateServer } from '../support/private-server.ts';

/**
 * nginx before two applications, of which one is public: the host that is judged must be the one that nginx chooses the
 * application by. `GET http://admin.test/` with `Host: status.test` is admin for nginx, and status for `$http_host`.
 */

const nginxTest = await programTest('nginx');
let mesh: Mesh;
let nginx: PrivateServer;

/** How the check says what was asked, each at a path of its own in Peerproof. */
const conventions = {
  nginx: { original: 'x-original' },
  ingress: { original: 'x-original-url', hostHeader: 'x-original-host' },
  /** ingress-nginx where the operator has not set X-Original-Host. */
  unset: { original: 'x-original-url', hostHeader: 'x-original-host' },
} as const;
type Convention = keyof typeof conventions;

/** What ingress-nginx sends (controller 1.15), and what `auth-proxy-set-headers` adds to it. */
const asIngress = `
  proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
  proxy_set_header X-Original-Method $request_method;`;
const sent: Readonly<Record<Convention, string>> = {
  nginx: `
    proxy_set_header X-Original-URI $request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-Host $host;`,
  ingress: `${asIngress} proxy_set_header "X-Original-Host" "$host";`,
  unset: asIngress,
};

/** Two applications behind one port, checked in one way; the application is passed the Host as the client sent it. */
function applications(port: (name: string) => number, convention: Convention): string {
  const server = (name: string) => `
    server {
      listen 127.0.0.1:${port(convention)}${name === 'status' ? ' default_server' : ''};
      server_name ${name}.test;
      auth_request /check;
      location / { proxy_pass http://127.0.0.1:${port(name)}; proxy_set_header Host $http_host; }
      location = /check {
        internal;
        proxy_pass http://127.0.0.1:${mesh.peerproof.httpPort}/${convention};
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        ${sent[convention]}
      }
    }`;
  return server('admin') + server('status');
}

test.before(async () => {
  if (!(await hasProgram('nginx'))) return;
  mesh = await startMesh({
    config: () => ({
      http: {
        forwardAuth: Object.entries(conventions).map(([name, of]) => ({
          path: `/${name}`,
          proxies: ['127.0.0.1'],
          ...of,
        })),
      },
      rules: [
        { name: 'status', match: { hosts: ['status.test'] }, public: true },
        { name: 'admin', match: { hosts: ['admin.test'] }, require: { binding: ['none'] } },
      ],
    }),
  });
  nginx = await startNginx({
    listeners: ['admin', 'status', ...Object.keys(conventions)],
    config: (port) => `
      ${['admin', 'status'].map((name) => `server { listen 127.0.0.1:${port(name)}; return 200 "${name} served"; }`).join('\n')}
      ${Object.keys(conventions)
        .map((convention) => applications(port, convention as Convention))
        .join('\n')}`,
  });
});

test.after.always(async () => {
  await nginx?.stop();
  await mesh?.stop();
});

/** Status and body of a request that is written byte by byte: clients of Node would put the Host in order. */
async function ask(convention: Convention, target: string, ...headers: string[]): Promise<string> {
  const socket = connect(nginx.port(convention), '127.0.0.1');
  socket.write([`GET ${target} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += chunk;
  const served = /(?:admin|status) served$/.exec(text)?.[0];
  return `${text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)}${served ? ` ${served}` : ''}`;
}

for (const convention of ['nginx', 'ingress'] as const) {
  nginxTest(
    `${convention}: what nginx serves is what was judged, in whichever form the host comes`,
    async (t) => {
      const answers = {
        'Host: status.test': '200 status served',
        'Host: STATUS.Test': '200 status served',
        'Host: status.test:8443': '200 status served',
        'Host: status.test.': '200 status served',
        'Host: admin.test': '401',
        'Host: ADMIN.test:8443': '401',
        'Host: admin.test.': '401',
      };
      for (const [host, answer] of Object.entries(answers))
        t.is(await ask(convention, '/', host), answer, host);
      const bearer = `Authorization: Bearer ${mesh.mint()}`;
      t.is(await ask(convention, '/', 'Host: Admin.test:8443', bearer), '200 admin served');
    },
  );

  nginxTest(
    `${convention}: an absolute target names the host, and another Host header opens nothing`,
    async (t) => {
      for (const host of ['status.test', 'Status.test:80', 'status.test.', 'status.test:666'])
        for (const target of ['http://admin.test/secret', 'http://ADMIN.test:80/', 'https://admin.test./'])
          t.regex(await ask(convention, target, `Host: ${host}`), /^(?:401|500)$/, `${target} ${host}`);
      t.is(await ask(convention, 'http://admin.test/secret', 'Host: admin.test'), '401');
      t.is(await ask(convention, 'http://status.test/', 'Host: status.test'), '200 status served');
    },
  );

  nginxTest(`${convention}: a client that writes the headers of the check is not heard`, async (t) => {
    const forged = [
      'X-Original-Host: status.test',
      'X-Original-URL: http://status.test/',
      'X-Original-URI: /',
      'X-Forwarded-Host: status.test',
    ];
    t.is(await ask(convention, '/', 'Host: admin.test', ...forged), '401');
    t.regex(await ask(convention, 'http://admin.test/', 'Host: status.test', ...forged), /^(?:401|500)$/);
  });

  nginxTest(`${convention}: several Host headers are refused by nginx itself`, async (t) => {
    const hosts = ['Host: status.test', 'Host: admin.test'];
    for (const target of ['/', 'http://admin.test/', 'http://status.test/'])
      for (const order of [hosts, hosts.toReversed()])
        t.is(await ask(convention, target, ...order), '400', target);
  });
}

nginxTest('ingress: a URL of another host than the one routed by says so in the log', async (t) => {
  t.is(
    await ask('ingress', 'http://admin.test/secret', 'Host: status.test', 'X-Request-Id: of-two-hosts'),
    '500',
  );
  const line = mesh.peerproof.decisions().find(({ request_id }) => request_id === 'of-two-hosts');
  t.like(line, {
    reason: 'request_malformed',
    detail: 'x-original-url names another host than x-original-host',
  });
});

nginxTest('unset: where ingress-nginx does not say what it routes by, nobody passes', async (t) => {
  for (const host of ['status.test', 'admin.test'])
    t.is(await ask('unset', '/', `Host: ${host}`, `Authorization: Bearer ${mesh.mint()}`), '500');
  t.regex(mesh.peerproof.decisions().at(-1)?.detail, /did not send x-original-host;/);
});

// A limit: a header that the proxy does not set is the client's. Such an Ingress refuses every normal request, as above.
nginxTest('limit: unset: a client that writes the header itself is judged by it', async (t) => {
  const headers = ['Host: status.test', 'X-Original-Host: status.test'];
  t.is(await ask('unset', 'http://admin.test/secret', ...headers), '200 admin served');
});
