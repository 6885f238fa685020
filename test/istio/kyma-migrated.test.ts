import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { lint } from '../../src/lint/lint.ts';
import { writeFolder } from '../../src/migrate/write-folder.ts';
import { envoyTest } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received } from '../support/mesh.ts';
import { startKyma } from './kyma-mesh.ts';
import { migrateSource, type Source, sources } from './migrated-sources.ts';

/** `migrate oauth2-proxy --for kyma`, and what it wrote at work in the mesh of Kyma, without an edit. */

const signer = createSigner('RS256');
const host = ['host', 'orders.kyma.example'] as const;

/** Writes the folder for this issuer, and reads what a cluster would be given. */
function migrate(source: Source, issuer: string) {
  const { folder, report, exitCode } = migrateSource('kyma', source, issuer, ['--namespace', 'applications']);
  const { out } = folder;
  writeFolder(out, folder.files);
  const read = (path: string) => readFileSync(join(out, path), 'utf8');
  const text: string = parse(read('manifests/config.yaml')).data['peerproof.yaml'];
  return { out, exitCode, report, read, text, patch: parse(read('mesh/istio-cr-patch.yaml')) };
}

for (const source of sources) {
  const { title, claims, lacking, open } = source;
  test(`Kyma, ${title}: the folder validates without a finding, and both copies are equal`, (t) => {
    const migrated = migrate(source, 'https://login.example.com');
    t.is(migrated.exitCode, 0, migrated.report.join('\n'));
    t.is(migrated.text, migrated.read('peerproof.yaml'));
    const findings = lint(parseConfig(migrated.text, join(migrated.out, 'peerproof.yaml')));
    t.deepEqual(
      findings.filter(({ severity }) => severity !== 'note'),
      [],
    );
    t.like(migrated.patch, [{ op: 'add', path: '/spec/config/authorizers/-' }]);
  });

  envoyTest(`Kyma, ${title}: what was migrated answers at work`, async (t) => {
    const mesh: Mesh = await startKyma({
      signers: [signer],
      given: ({ issuer }) => {
        const { text, patch } = migrate(source, issuer.issuer);
        return { settings: parse(text), authorizer: patch[0].value };
      },
    });
    t.teardown(mesh.stop);
    const send = (token?: string, more = {}) =>
      mesh.send('gateway', { headers: [host], path: '/orders', ...(token && { token }), ...more });
    const mint = (more: object) => mesh.mint({ ...claims, ...more }, {}, signer);

    const without = await send();
    t.is(without.status, 401);
    t.is(without.body, '{}');
    const allowed = await send(mint({}), {
      headers: [host, ['x-auth-request-user', 'forged'], ['x_forwarded_user', 'forged']],
    });
    t.is(allowed.status, 200, allowed.body);
    t.deepEqual(received(allowed, 'x-auth-request-user'), ['alice']);
    t.notRegex(allowed.body, /forged/);
    t.is((await send(mint({ aud: 'payments' }))).status, 401);
    if (lacking) t.is((await send(mint(lacking))).status, 403);
    if (open) t.is((await send(undefined, { method: open[0], path: open[1] })).status, 200);

    const bound = mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
    t.is((await send(bound, { who: 'client' })).status, 200);
    t.is((await send(bound, { who: 'thief' })).status, 401);
    t.is(mesh.peerproof.decisions().at(-1)?.spiffe_id, IDS.thief);
  });
}
