import test from 'ava';
import { parse } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.ts';
import { writeConfiguration } from '../../src/init/configuration.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, startMesh } from '../support/mesh.ts';

/** The first configuration for plain Envoy, as `peerproof init envoy` writes it, with free ports. */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: ({ issuer }) => {
      const text = writeConfiguration({
        platform: 'envoy',
        issuer: issuer.issuer,
        audiences: ['orders'],
        trustDomain: undefined,
        workload: undefined,
      });
      const { listen: _, ...config } = parse(text) as ConfigInput;
      return config;
    },
    listeners: (parts) => [
      {
        name: 'orders',
        mtls: parts.tls('orders'),
        upstream: { port: parts.app.port },
        // As in docs/deploy/envoy.md.
        extAuthz: { grpc: parts.authorizer, includePeerCertificate: true, statusOnError: 503 },
      },
    ],
  });
});

test.after.always(() => mesh?.stop());

envoyTest(
  'init – its configuration for Envoy accepts a bound token from its sender, and from nobody else',
  async (t) => {
    const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
    const status = async (send: Parameters<Mesh['send']>[1]) => (await mesh.send('orders', send)).status;
    t.is(await status({ who: 'client', token, path: '/orders/1' }), 200);
    t.is(await status({ who: 'thief', token, path: '/orders/1' }), 401);
    t.is(await status({ who: 'client', token: mesh.mint(), path: '/orders/1' }), 401);
    t.is(await status({ who: 'client', path: '/orders/1' }), 401);
    t.is(await status({ who: 'client', path: '/healthz' }), 200);
  },
);
