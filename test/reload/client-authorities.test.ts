import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import test from 'ava';
import { type Ca, createCa, type Issued } from '../support/ca.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, inlineIssuer } from '../support/token-fixture.ts';
import { handshake } from './handshake.ts';
import { startReloadWorld, yaml } from './reload-world.ts';

/**
 * `clientCaFile` is removed while the doors are open. Node then takes the public authorities for those of clients: here
 * one of the tests is such an authority.
 */

const signer = createSigner('ES256');
const [own, published] = [await createCa({ name: 'O=own' }), await createCa({ name: 'O=published' })];
const server = await own.server();
setDefaultCACertificates([...getCACertificates('default'), published.certPem]);

const tls = { certFile: 'tls.pem', keyFile: 'tls.key' };
const files = (asked: boolean, { certPem, keyPem }: Issued, ca: Ca) => {
  const door = { tls: { ...tls, ...(asked && { clientCaFile: 'clients.pem' }) } };
  return {
    'peerproof.yaml': yaml({
      issuers: { corp: inlineIssuer([signer]) },
      rules: [anyBearer],
      grpc: door,
      http: door,
    }),
    'tls.pem': certPem,
    'tls.key': keyPem,
    'clients.pem': ca.certPem,
  };
};

test('reload – clientCaFile removed: the authority before goes on, and a restart is asked for', async (t) => {
  const world = await startReloadWorld(t, files(true, server, own));
  const [good, stranger] = [await own.issue(), await published.issue()];
  const seen = async () => {
    const found: string[] = [];
    for (const port of [world.grpcPort, world.httpPort])
      for (const client of [good, stranger, undefined]) found.push(await handshake(port, client));
    return found;
  };
  const door = ['own', 'refused', 'refused'];
  t.deepEqual(await seen(), [...door, ...door]);
  await world.mount(files(false, server, own));
  await world.reload();
  t.is(world.events('restart_needed').length, 1);
  t.deepEqual(await seen(), [...door, ...door]);
});

test('reload – an added clientCaFile needs a restart, and the log says so', async (t) => {
  const world = await startReloadWorld(t, files(false, server, own));
  await world.mount(files(true, server, own));
  await world.reload();
  t.is(world.events('restart_needed').length, 1);
  for (const port of [world.grpcPort, world.httpPort]) t.is(await handshake(port), 'own');
});
