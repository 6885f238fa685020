import test, { type ExecutionContext } from 'ava';
import { type Ca, createCa, type Issued } from '../support/ca.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, inlineIssuer } from '../support/token-fixture.ts';
import { handshake } from './handshake.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

const signer = createSigner('ES256');
const config = (more: object = {}) =>
  yaml({ issuers: { corp: inlineIssuer([signer]) }, rules: [anyBearer], ...more });
const tls = { certFile: 'tls.pem', keyFile: 'tls.key' };

const [one, two] = [await createCa({ name: 'O=one' }), await createCa({ name: 'O=two' })];
const [first, second] = [await one.server(), await two.server()];
const files = ({ certPem, keyPem }: { certPem: string; keyPem: string }, clients: Ca) => ({
  'peerproof.yaml': config({
    grpc: { tls: { ...tls, clientCaFile: 'clients.pem' } },
    http: { tls: { ...tls, clientCaFile: 'clients.pem' } },
  }),
  'tls.pem': certPem,
  'tls.key': keyPem,
  'clients.pem': clients.certPem,
});

async function seen(
  t: ExecutionContext,
  ports: readonly number[],
  clients: readonly Issued[],
  wanted: string[],
) {
  for (const port of ports)
    for (const [at, client] of clients.entries())
      t.is(await handshake(port, client), wanted[at] ?? '', `${at}`);
}

test('reload – certificates of both doors, and whose clients they serve', async (t) => {
  const world = await startReloadWorld(t, files(first, one));
  const clients = [await one.issue(), await two.issue()];
  const ports = [world.grpcPort, world.httpPort];
  await seen(t, ports, clients, ['one', 'refused']);
  await world.mount(files(second, two));
  await world.reload();
  await seen(t, ports, clients, ['refused', 'two']);
  t.is(world.events('configuration_loaded').length, 1);
});

test('reload – a certificate that does not fit its key stays out', async (t) => {
  const world = await startReloadWorld(t, files(first, one));
  await world.mount({ ...files(first, one), 'tls.pem': second.certPem });
  await world.reload();
  t.is(await handshake(world.grpcPort, await one.issue()), 'one');
  t.regex((await world.readyz()).configuration.refused ?? '', /does not fit keyFile/);
});

test('reload – realm, preset and paths of the HTTP door', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config({ http: { pathPrefix: '/one' } }) });
  const ask = async (path: string) => {
    const { status, headers } = await fetch(`http://127.0.0.1:${world.httpPort}${path}`);
    return `${status} ${headers.get('www-authenticate')} ${headers.get('content-type')}`;
  };
  t.is(await ask('/one/x'), '401 Bearer realm="peerproof" application/json');
  t.regex(await ask('/two/x'), /^400/);
  await world.mount({
    'peerproof.yaml': config({
      realm: 'orders',
      identity: { preset: 'oauth2-proxy' },
      http: {
        pathPrefix: '/two',
        forwardAuth: [{ path: '/auth', proxies: ['10.0.0.1'], original: 'x-original' }],
      },
    }),
  });
  await world.reload();
  t.is(await ask('/two/x'), '401 Bearer realm="orders" application/json');
  t.regex(await ask('/one/x'), /^400/);
  t.regex(await ask('/auth'), /^403 .*text\/plain/);
  t.deepEqual(world.events('restart_needed'), []);
});

test('reload – what only a start can change is said, and the rest is taken over', async (t) => {
  const world = await startReloadWorld(t, { 'peerproof.yaml': config() });
  await world.mount({ 'peerproof.yaml': config({ grpc: { maxConcurrentStreams: 200 }, realm: 'orders' }) });
  await world.reload();
  t.is(world.events('restart_needed').length, 1);
  const { status, headers } = await fetch(`http://127.0.0.1:${world.httpPort}/x`);
  t.is(`${status} ${headers.get('www-authenticate')}`, '401 Bearer realm="orders"');
});
