import { parse } from 'yaml';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { tutorialFlags } from '../migrate/tutorial.ts';
import { envoyTest } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { received, startMesh } from '../support/mesh.ts';

/** `migrate oauth2-proxy --for istio`, and its configuration at work behind a sidecar that asks over gRPC. */

const signer = createSigner('RS256');

function migrate(issuer: string) {
  const args = ['--for', 'istio', '--out', 'x', '--namespace', 'applications'];
  const { folder } = migrateOauth2Proxy([...args, '--', ...tutorialFlags(issuer, '0.0.0.0:4180')], {});
  const { listen, ...settings } = parse(
    folder?.files.find(({ path }) => path === 'peerproof.yaml')?.text ?? '',
  );
  return settings;
}

envoyTest(
  'Istio, migrated: 401 without a token, 200 with one, and a bound token only from its sender',
  async (t) => {
    const mesh = await startMesh({
      issuer: { signers: [signer] },
      config: ({ issuer }) => migrate(issuer.issuer),
      listeners: (parts) => [
        {
          name: 'orders',
          mtls: parts.tls('orders'),
          upstream: { port: parts.app.port },
          extAuthz: { grpc: parts.authorizer, istioPair: true },
        },
        {
          name: 'elsewhere',
          mtls: parts.tls('gateway'),
          upstream: { port: parts.app.port },
          extAuthz: { grpc: parts.authorizer, istioPair: true },
        },
      ],
    });
    t.teardown(mesh.stop);
    const mint = (claims = {}) => mesh.mint(claims, {}, signer);
    const send = (who: 'client' | 'thief', token?: string) =>
      mesh.send('orders', { who, ...(token !== undefined && { token }) });

    t.is((await send('client')).status, 401);
    const allowed = await send('client', mint());
    t.is(allowed.status, 200, allowed.body);
    t.deepEqual(received(allowed, 'x-forwarded-user'), ['alice']);
    const bound = mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
    t.is((await send('client', bound)).status, 200);
    t.is((await send('thief', bound)).status, 401);
    const elsewhere = await mesh.send('elsewhere', { who: 'client', token: mint() });
    t.is(elsewhere.status, 403, 'the rules are for the applications alone');
  },
);
