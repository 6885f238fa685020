import test from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { lint } from '../../src/lint/lint.ts';
import { envoyTest } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { received, startMesh } from '../support/mesh.ts';
import { migrateSource, type Source, sources } from './migrated-sources.ts';

/** `migrate oauth2-proxy --for istio`, and its configuration at work behind a sidecar that asks over gRPC. */

const signer = createSigner('RS256');

function migrate(source: Source, issuer: string) {
  const { text } = migrateSource('istio', source, issuer, ['--namespace', 'applications']);
  const { listen, ...settings } = parse(text('peerproof.yaml'));
  return settings;
}

for (const source of sources) {
  const { title, claims, lacking, open } = source;
  test(`Istio, ${title}: the folder can be used, and validates without a finding`, (t) => {
    const { exitCode, report, text } = migrateSource('istio', source, 'https://login.example.com');
    t.is(exitCode, 0, report.join('\n'));
    const findings = lint(parseConfig(text('peerproof.yaml'), 'peerproof.yaml'));
    t.deepEqual(
      findings.filter(({ severity }) => severity !== 'note'),
      [],
    );
  });

  envoyTest(
    `Istio, ${title}: 401 without a token, 200 with one, and a bound token only from its sender`,
    async (t) => {
      const mesh = await startMesh({
        issuer: { signers: [signer] },
        config: ({ issuer }) => migrate(source, issuer.issuer),
        listeners: (parts) =>
          (['orders', 'gateway'] as const).map((who) => ({
            name: who === 'orders' ? 'orders' : 'elsewhere',
            mtls: parts.tls(who),
            upstream: { port: parts.app.port },
            extAuthz: { grpc: parts.authorizer, istioPair: true },
          })),
      });
      t.teardown(mesh.stop);
      const mint = (more = {}) => mesh.mint({ ...claims, ...more }, {}, signer);
      const send = (who: 'client' | 'thief', token?: string, more = {}) =>
        mesh.send('orders', { who, path: '/orders', ...(token !== undefined && { token }), ...more });

      t.is((await send('client')).status, 401);
      const allowed = await send('client', mint(), { headers: [['x-auth-request-user', 'forged']] });
      t.is(allowed.status, 200, allowed.body);
      t.deepEqual(received(allowed, 'x-forwarded-user'), ['alice']);
      t.notRegex(allowed.body, /forged/);
      t.is((await send('client', mint({ aud: 'payments' }))).status, 401);
      if (lacking) t.is((await send('client', mint(lacking))).status, 403);
      if (open) t.is((await send('client', undefined, { method: open[0], path: open[1] })).status, 200);
      const bound = mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
      t.is((await send('client', bound)).status, 200);
      t.is((await send('thief', bound)).status, 401);
      const elsewhere = await mesh.send('elsewhere', { who: 'client', token: mint() });
      t.is(elsewhere.status, 403, 'the rules are for the applications alone');
    },
  );
}
