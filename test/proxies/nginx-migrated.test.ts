import test from 'ava';
import { parse } from 'yaml';
import { presets } from '../../src/core/identity/presets.ts';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { tutorialFlags } from '../migrate/tutorial.ts';
import { hasProgram, programTest } from '../support/debian-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { type Mesh, received, startMesh } from '../support/mesh.ts';
import { startNginx } from '../support/nginx.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { type Ask, through, withAddresses } from './orders.ts';

/** `migrate oauth2-proxy --for nginx`, and what it wrote at work. Only addresses and files are those of the test. */

const hasNginx = await hasProgram('nginx');
const nginxTest = await programTest('nginx');
const signer = createSigner('RS256');

let mesh: Mesh;
let nginx: PrivateServer;

function migrate(issuer: string) {
  const args = ['--for', 'nginx', '--out', 'x', '--', ...tutorialFlags(issuer, '127.0.0.1:4180')];
  const { folder } = migrateOauth2Proxy([...args, '--skip-auth-route=GET=^/healthz$'], {});
  const text = (name: string) => folder?.files.find(({ path }) => path === name)?.text ?? '';
  return { settings: parse(text('peerproof.yaml')), conf: text('nginx.conf') };
}

test.before(async () => {
  if (!hasNginx) return;
  mesh = await startMesh({
    issuer: { signers: [signer] },
    config: ({ issuer }) => {
      const { listen, ...settings } = migrate(issuer.issuer).settings;
      return settings;
    },
  });
  const server = await mesh.ca.server();
  nginx = await startNginx({
    listeners: ['https'],
    files: { 'orders.pem': server.certPem, 'orders.key': server.keyPem },
    config: (port) =>
      withAddresses(migrate(mesh.issuer.issuer).conf, {
        'server 127.0.0.1:9002;': `server 127.0.0.1:${mesh.peerproof.httpPort};`,
        'server 127.0.0.1:8080;': `server 127.0.0.1:${mesh.app.port};`,
        'listen 443 ssl;': `listen 127.0.0.1:${port('https')} ssl;`,
        '/etc/nginx/tls/': '',
      }),
  });
});

test.after.always(async () => {
  await nginx?.stop();
  await mesh?.stop();
});

const ask = (parts: Ask) => through(nginx.port('https'), parts, mesh.clientTls());
const mint = (claims = {}) => mesh.mint(claims, {}, signer);

nginxTest('nginx, migrated: 401 without a token, 200 with one, and a public path stays public', async (t) => {
  const without = await ask({});
  t.is(without.status, 401);
  t.is(without.header('www-authenticate'), 'Bearer realm="peerproof"');
  const answer = await ask({ token: mint({ email: 'alice@example.com', groups: ['a', 'b'] }) });
  t.is(answer.status, 200, answer.body);
  t.like(Object.fromEntries(answer.json().headers), {
    'x-auth-request-user': 'alice',
    'x-auth-request-groups': 'a,b',
    'x-forwarded-user': 'alice',
    'x-forwarded-email': 'alice@example.com',
    'gap-auth': 'alice@example.com',
  });
  t.is((await ask({ path: '/healthz' })).status, 200);
  t.is((await ask({ path: '/healthz', method: 'POST' })).status, 401);
  t.is((await ask({ token: mint({ aud: 'payments' }) })).status, 401);
});

nginxTest('nginx, migrated: no identity header of oauth2-proxy comes through from a client', async (t) => {
  const names = Object.keys(presets['oauth2-proxy']);
  const headers = names.flatMap((name) => [
    [name, 'forged'] as const,
    [name.replaceAll('-', '_'), 'forged'] as const,
  ]);
  for (const parts of [{ token: mint() }, { path: '/healthz' }]) {
    const answer = await ask({ ...parts, headers });
    t.is(answer.status, 200, answer.body);
    for (const name of names)
      for (const spelled of [name, name.replaceAll('-', '_')])
        t.false(received(answer, spelled).includes('forged'), spelled);
  }
});
