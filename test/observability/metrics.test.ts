import { spawnSync } from 'node:child_process';
import { startReloadWorld, yaml } from '../reload/reload-world.ts';
import { createCa } from '../support/ca.ts';
import { findProgram } from '../support/debian-binary.ts';
import { programTest } from '../support/debian-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, inlineIssuer } from '../support/token-fixture.ts';

const promtoolTest = await programTest('promtool');
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

promtoolTest('metrics – promtool finds no name, type or help that breaks the conventions', async (t) => {
  const ca = await createCa();
  const { certPem, keyPem } = await ca.server();
  const world = await startReloadWorld(t, {
    'peerproof.yaml': yaml({
      issuers: { corp: inlineIssuer([createSigner('ES256')]) },
      rules: [anyBearer],
      peers: { trustDomains: { 'cluster.local': { bundle: 'bundle.pem' } } },
      http: { tls: { certFile: 'tls.pem', keyFile: 'tls.key' } },
    }),
    ...{ 'tls.pem': certPem, 'tls.key': keyPem, 'bundle.pem': ca.certPem },
  });
  t.is(await world.ask(), 'token_missing');
  const metrics = await world.metrics();
  for (const name of ['certificate_expiry', 'bundle_up', 'check_duration', 'issuer_up', 'cache_bytes'])
    t.regex(metrics, new RegExp(`^peerproof_${name}\\w*\\{.*\\} `, 'm'));
  const program = await findProgram('promtool');
  const { stderr } = spawnSync(program?.path ?? '', ['check', 'metrics'], {
    ...{ input: metrics, encoding: 'utf8', timeout: 20_000 },
    env: { ...process.env, ...program?.env },
  });
  // The defaults of prom-client break them: nodejs_active_handles_total is a gauge.
  t.deepEqual(
    lines(stderr).filter((line) => !line.startsWith('nodejs_')),
    [],
  );
  t.true(lines(stderr).length > 0, 'promtool did not read them');
});
