import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { createCa, type Issued } from '../../../test/support/ca.ts';
import { openCheckClient } from '../../../test/support/check-client.ts';
import type { ClientTls } from '../../../test/support/client.ts';
import { kinds } from '../callers.ts';
import { checkOf } from '../direct.ts';
import type { Scenario } from '../scenario.ts';
import type { Parts } from '../world.ts';

/** Certificates and authorities that are replaced while they are used. */

const file = ({ folder }: Pick<Parts, 'folder'>, name: string) => join(folder, `${name}.pem`);
const put = (parts: Pick<Parts, 'folder'>, name: string, pem: string) =>
  writeFile(file(parts, name), pem, { mode: 0o600 });

/** Two looks a second apart, and the reading. */
const noticed = 5_000;

function rotation(): Scenario {
  let next: { server: Issued; ca: string; client: Issued } | undefined;
  return {
    name: 'certificate of the gRPC port and CA of its clients rotated, one file after the other',
    world: {
      async config(parts, usual) {
        const { certPem, keyPem } = parts.who.authorizer;
        await put(parts, 'server-cert', certPem);
        await put(parts, 'server-key', keyPem);
        await put(parts, 'clients', parts.ca.certPem);
        const tls = {
          certFile: file(parts, 'server-cert'),
          keyFile: file(parts, 'server-key'),
          clientCaFile: file(parts, 'clients'),
        };
        return { ...usual, grpc: { tls } };
      },
      tls: ({ who, ca }) => ({ ...who.orders, caPem: ca.certPem }),
    },
    async fault({ world }) {
      const nextCa = await createCa({ name: 'CN=next' });
      next = {
        server: await world.ca.server(),
        ca: nextCa.certPem,
        client: await nextCa.svid('spiffe://cluster.local/ns/applications/sa/orders'),
      };
      await put(world, 'server-cert', next.server.certPem);
      // Long enough to be read without its key. That configuration is refused as a whole.
      await sleep(2_500);
      await put(world, 'server-key', next.server.keyPem);
      await put(world, 'clients', next.ca + world.ca.certPem);
      return async () => {
        await put(world, 'server-cert', world.who.authorizer.certPem);
        await put(world, 'server-key', world.who.authorizer.keyPem);
        await put(world, 'clients', world.ca.certPem);
      };
    },
    settle: noticed,
    lasts: 2_000,
    async observe({ world }) {
      if (!next) return [];
      const tls = (who: Issued | undefined) => ({ caPem: world.ca.certPem, ...who });
      const port = world.peerproof.grpcPort;
      const stranger = await (await createCa()).svid('spiffe://cluster.local/ns/applications/sa/orders');
      const shown = await certificateOf(port, tls(next.client));
      return [
        shown !== new X509Certificate(next.server.der).fingerprint256 &&
          'a new connection sees the old certificate',
        !(await isServed(port, tls(next.client))) && 'a client of the new CA is not served',
        !(await isServed(port, tls(world.who.orders))) && 'a client of the old CA is not served',
        (await isServed(port, tls(stranger))) && 'a client of no CA is served',
        (await isServed(port, tls(undefined))) && 'a client without a certificate is served',
      ];
    },
    recovers: 0,
  };
}

async function certificateOf(
  port: number,
  { caPem, certPem, keyPem }: ClientTls,
): Promise<string | undefined> {
  const socket = connect({
    ...{ port, host: '127.0.0.1', ca: caPem, cert: certPem, key: keyPem },
    ...{ servername: 'localhost', ALPNProtocols: ['h2'] },
  });
  try {
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return socket.getPeerX509Certificate()?.fingerprint256;
  } finally {
    socket.destroy();
  }
}

async function isServed(port: number, tls: ClientTls): Promise<boolean> {
  const client = openCheckClient(port, tls);
  try {
    return Boolean((await client.check(checkOf('..', '/'), 3_000)).deniedResponse);
  } catch {
    return false;
  } finally {
    client.close();
  }
}

const trustBundle: Scenario = {
  name: 'trust bundle replaced by one of another CA, and by both',
  world: {
    async config(parts, usual): Promise<ConfigInput> {
      await put(parts, 'bundle', parts.ca.certPem);
      return { ...usual, peers: { trustDomains: { 'cluster.local': { bundle: file(parts, 'bundle') } } } };
    },
  },
  async fault({ world }) {
    const { certPem } = await createCa({ name: 'CN=next' });
    await put(world, 'bundle', certPem);
    return () => put(world, 'bundle', certPem + world.ca.certPem);
  },
  during: Object.fromEntries(kinds.map((kind) => [kind, [403]])),
  settle: 3_000,
  recovers: 3_000,
};

export const tlsScenarios: readonly Scenario[] = [rotation(), trustBundle];
