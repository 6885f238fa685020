import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../istio/manifests.ts';
import { startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { chartTest, installed, only, render } from './chart.ts';
import { promiseHolds } from './shop-and-thief.ts';

chartTest('docs/deploy/helm.md – the token of shop is 200 from shop and 401 from thief', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-first-200-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const ca = await createCa();
  const cluster = await startApiServer({ ca, caller: 'the-token-of-the-pod' });
  t.teardown(() => cluster.stop());
  writeFileSync(join(folder, 'ca.crt'), ca.certPem);
  writeFileSync(join(folder, 'token'), 'the-token-of-the-pod');

  const page = readFileSync(join(root, 'docs/deploy/helm.md'), 'utf8');
  const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const text = only(installed(await render(parse(block))), 'ConfigMap').data?.['peerproof.yaml'] ?? '';
  const { listen: _, ...config } = parse(text);
  // A pod has these from its cluster.
  Object.assign(config.issuers.cluster, { ca: join(folder, 'ca.crt'), issuer: cluster.issuer });
  Object.assign(config.issuers.cluster.kubernetes, {
    apiServer: cluster.url,
    tokenFile: join(folder, 'token'),
  });
  const token = cluster.issue({ namespace: 'applications', name: 'shop', audiences: ['orders'] });
  await promiseHolds(t, config, token);
});
