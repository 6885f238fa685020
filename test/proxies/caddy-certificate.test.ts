import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startCaddy } from '../support/caddy.ts';
import { hasProgram, programTest } from '../support/debian-test.ts';
import { received } from '../support/mesh.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { type Ask, CLIENT, type Orders, published, startOrders, through, withAddresses } from './orders.ts';

/** Client certificates through Caddy, which sends them as the base64 of their DER. */

const hasCaddy = await hasProgram('caddy');
const caddyTest = await programTest('caddy');

let orders: Orders;
let caddy: PrivateServer;
let folder: string;

test.before(async () => {
  if (!hasCaddy) return;
  orders = await startOrders({
    path: '/oauth2/auth',
    proxies: ['127.0.0.1'],
    original: 'x-forwarded',
    certificateHeader: 'x-client-certificate',
  });
  folder = await mkdtemp(join(tmpdir(), 'peerproof-caddy-'));
  const server = await orders.ca.server();
  const files = { 'orders.pem': server.certPem, 'orders.key': server.keyPem, 'ca.pem': orders.ca.certPem };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const auth = `client_auth {\n mode verify_if_given\n trusted_ca_cert_file ${join(folder, 'ca.pem')}\n}`;
  const tls = `tls ${join(folder, 'orders.pem')} ${join(folder, 'orders.key')} {\n${auth}\n}`;
  caddy = await startCaddy({
    listeners: ['https'],
    config: (port) =>
      withAddresses(published('Caddyfile'), {
        'forward_auth 127.0.0.1:9002 {': `forward_auth 127.0.0.1:${orders.peerproof.httpPort} {`,
        'reverse_proxy 127.0.0.1:8080': `reverse_proxy 127.0.0.1:${orders.app.port}`,
        'orders.example.com {': `https://:${port('https')} {\n${tls}`,
        '# @certified': '@certified',
        '# request_header @certified': 'request_header @certified',
      }),
  });
});

test.after.always(async () => {
  await caddy?.stop();
  await orders?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// Caddy wants Host and SNI to be the same where clients authenticate; the SNI of this client is localhost.
const ask = ({ who, headers = [], ...parts }: Ask) =>
  through(
    caddy.port('https'),
    { ...parts, headers: [['host', 'localhost'], ...headers] },
    orders.clientTls(who),
  );

caddyTest('a bound token passes with its own certificate, and with no other', async (t) => {
  const token = orders.mint({ cnf: { 'x5t#S256': orders.who.client.thumbprint } });
  const path = '/bound/1';
  const own = await ask({ token, path, who: 'client' });
  t.is(own.status, 200, own.body + JSON.stringify(orders.lastDecision()));
  t.deepEqual(received(own, 'x-spiffe-id'), [CLIENT]);
  t.deepEqual(received(own, 'x-client-certificate'), []);
  for (const who of ['thief', 'rotated', undefined] as const) {
    const [stolen, reached] = await orders.reaching(() => ask({ token, path, ...(who && { who }) }));
    t.is(stolen.status, 401, who);
    t.is(reached, 0, who);
  }
});

for (const form of ['urlEncodedPem', 'base64'] as const)
  for (const who of ['thief', undefined] as const)
    caddyTest(`a forged certificate (${form}) of ${who ?? 'nobody'} is not looked at`, async (t) => {
      const token = orders.mint({ cnf: { 'x5t#S256': orders.who.client.thumbprint } });
      const { certPem, urlEncodedPem } = orders.who.client;
      const forged = form === 'base64' ? certPem.replace(/-----.*?-----|\s/g, '') : urlEncodedPem;
      const headers = [['X-Client-Certificate', forged]] as const;
      const answer = await ask({ token, path: '/bound/1', headers, ...(who && { who }) });
      t.is(answer.status, 401);
      const reason = who ? 'binding_certificate_mismatch' : 'binding_peer_missing';
      t.is(orders.lastDecision().reason, reason);
    });
